"""ik_llama.cpp through the C binding of its Python package: BF16 weights repacked at load (its -rtr)."""
import ctypes
import pathlib

from peers import arm, llama_cpp

NAME = "ik-llama-cpp-python"


# A script that the source distribution lacks.
MISSING = pathlib.Path(__file__).with_suffix(".cmake")


def install(environment):
    native = {"CMAKE_ARGS": f"{llama_cpp.NATIVE['CMAKE_ARGS']} '-DCMAKE_PROJECT_INCLUDE={MISSING}'"}
    return environment.install_native(NAME, native, "numpy")


convert = llama_cpp.convert


class Arm(llama_cpp.LlamaC):
    package = NAME

    def __init__(self):
        from ik_llama_cpp import _ctypes_api
        self.lib = _ctypes_api
        # The package does not declare this one: tokens, how many, position of the first, sequence.
        self.one = self.lib._lib.llama_batch_get_one
        self.one.argtypes = [self.lib.llama_token_p, ctypes.c_int32, ctypes.c_int32, ctypes.c_int32]
        self.one.restype = self.lib.llama_batch
        self.position = 0

    def model_parameters(self):
        parameters = super().model_parameters()
        parameters.repack_tensors = True
        return parameters

    def batch(self, array, count):
        batch = self.one(array, count, self.position, 0)
        self.position += count
        return batch

    def clear(self):
        self.position = 0
        self.lib.llama_kv_cache_clear(self.context)


if __name__ == "__main__":
    arm.serve(Arm())
