"""ONNX Runtime GenAI. Its model builder offers f32 or 4-bit weights for a CPU: f32 here."""
import json
import shutil

from peers import arm, environment as environments

NAME = "onnxruntime-genai"


def install(environment):
    return environment.install(NAME)


def convert(environment, checkpoint, folder):
    """The package's own model builder, which reads a checkpoint through transformers."""
    environments.convert_with_torch(environment, [
        "-m", "onnxruntime_genai.models.builder", "-i", checkpoint, "-o", folder, "-p", "fp32",
        "-e", "cpu", "-c", folder / "cache"], "onnx-ir")
    shutil.rmtree(folder / "cache", ignore_errors=True)
    return folder


class Arm(arm.Stepwise):
    def __init__(self):
        import numpy
        import onnxruntime_genai
        # The library tells its maker of its use, unless it is told not to.
        onnxruntime_genai.disable_telemetry_events()
        self.library, self.numpy = onnxruntime_genai, numpy

    def open(self, path, threads, context):
        config = self.library.Config(path)
        config.overlay(json.dumps({"model": {"decoder": {"session_options": {
            "intra_op_num_threads": threads}}}}))
        self.model = self.library.Model(config)
        self.context = context
        with open(f"{path}/genai_config.json", encoding="utf-8") as file:
            vocabulary = json.load(file)["model"]["vocab_size"]
        return {"vocabulary": vocabulary, "version": arm.version(NAME, "onnxruntime"),
                "weights": "f32", "computes": "f32"}

    def clear(self):
        parameters = self.library.GeneratorParams(self.model)
        parameters.set_search_options(max_length=self.context, do_sample=False)
        self.generator = self.library.Generator(self.model, parameters)

    def feed(self, sequence):
        self.generator.append_tokens(self.numpy.array([sequence], dtype=self.numpy.int32))

    def logits(self):
        return self.numpy.asarray(self.generator.get_logits()).reshape(-1).tolist()


if __name__ == "__main__":
    arm.serve(Arm())
