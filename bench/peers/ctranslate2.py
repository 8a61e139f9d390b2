"""CTranslate2. Its CPU kernels know no bf16 and no f16: weights and products are f32."""
import json

from peers import arm, environment as environments

NAME = "ctranslate2"


def install(environment):
    return environment.install(NAME, "numpy")


def convert(environment, checkpoint, folder):
    """The package's own converter, which reads a checkpoint through transformers."""
    environments.convert_with_torch(environment, [
        "-c", "import sys; from ctranslate2.converters import TransformersConverter as C; "
        "C(sys.argv[1]).convert(sys.argv[2], force=True)", checkpoint, folder])
    return folder


class Arm(arm.Generating):
    def __init__(self):
        import ctranslate2
        import numpy
        self.library, self.numpy = ctranslate2, numpy

    def open(self, path, threads, context):
        self.model = self.library.Generator(path, device="cpu", compute_type="float32",
                                            inter_threads=1, intra_threads=threads)
        with open(f"{path}/vocabulary.json", encoding="utf-8") as file:
            self.words = json.load(file)
        return {"vocabulary": len(self.words), "version": arm.version(NAME), "weights": "f32",
                "computes": "f32"}

    def generate(self, sequence, count):
        prompt = [self.words[token] for token in sequence]
        # No token ends it, so that as many come as are wanted.
        for step in self.model.generate_tokens(prompt, max_length=count, end_token=[]):
            yield step.token_id

    def next(self, sequence):
        prompt = [self.words[token] for token in sequence]
        scores = self.numpy.asarray(self.model.forward_batch([prompt]))[0, -1]
        return {"token": int(scores.argmax()), "logits": scores.tolist()}


if __name__ == "__main__":
    arm.serve(Arm())
