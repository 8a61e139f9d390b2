"""llama.cpp through the C binding of its Python package. BF16 weights, f16 state, flash attention."""
import ctypes

from peers import arm

NAME = "llama-cpp-python"
# What tells CMake to build for this machine, and nothing that no measurement needs.
NATIVE = {"CMAKE_ARGS": "-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF"}


def install(environment):
    return environment.install_native(NAME, NATIVE, "numpy")


def convert(environment, checkpoint, folder):
    """bench/random_model.py has written the same weights as GGUF beside the checkpoint."""
    return checkpoint / "model.gguf"


class LlamaC(arm.Stepwise):
    """What llama.cpp and its fork have in common; `lib` is the module of C functions."""

    def open(self, path, threads, context):
        lib = self.lib
        lib.llama_backend_init()
        self.model = lib.llama_model_load_from_file(path.encode(), self.model_parameters())
        if not self.model:
            raise RuntimeError(f"{path} could not be loaded")
        parameters = lib.llama_context_default_params()
        parameters.n_ctx = context
        parameters.n_batch = parameters.n_ubatch = self.CHUNK
        parameters.n_threads = parameters.n_threads_batch = threads
        if hasattr(parameters, "flash_attn_type"):
            parameters.flash_attn_type = 1
        else:
            parameters.flash_attn = True
        self.context = lib.llama_init_from_model(self.model, parameters)
        if not self.context:
            raise RuntimeError(f"no context of {context} tokens")
        self.size = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self.model))
        return {"vocabulary": self.size, "version": arm.version(self.package), "weights": "bf16",
                "computes": "bf16 products, f16 state"}

    def model_parameters(self):
        return self.lib.llama_model_default_params()

    def feed(self, sequence):
        array = (self.lib.llama_token * len(sequence))(*sequence)
        if self.lib.llama_decode(self.context, self.batch(array, len(sequence))) != 0:
            raise RuntimeError(f"llama_decode of {len(sequence)} tokens failed")

    def batch(self, array, count):
        return self.lib.llama_batch_get_one(array, count)

    def logits(self):
        return self.lib.llama_get_logits_ith(self.context, -1)[:self.size]


class Arm(LlamaC):
    package = NAME

    def __init__(self):
        import llama_cpp
        self.lib = llama_cpp
        self.quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(self.quiet, ctypes.c_void_p(0))

    def clear(self):
        self.lib.llama_memory_clear(self.lib.llama_get_memory(self.context), True)


if __name__ == "__main__":
    arm.serve(Arm())
