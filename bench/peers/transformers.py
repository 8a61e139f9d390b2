"""Hugging Face transformers on PyTorch's CPU kernels, bf16, with its own cache and attention."""
from peers import arm

NAME = "transformers"


def install(environment):
    return environment.install("torch", NAME, "safetensors", "sentencepiece",
                               reason="the index has no source distribution of torch")


def convert(environment, checkpoint, folder):
    """Reads the checkpoint as it is."""
    return checkpoint


class Arm(arm.Stepwise):
    def __init__(self):
        import torch
        import transformers
        torch.set_grad_enabled(False)
        self.torch, self.library = torch, transformers

    def open(self, path, threads, context):
        self.torch.set_num_threads(threads)
        self.model = self.library.AutoModelForCausalLM.from_pretrained(
            path, dtype=self.torch.bfloat16, local_files_only=True)
        return {"vocabulary": self.model.config.vocab_size, "version": arm.version(NAME, "torch"),
                "weights": "bf16", "computes": "bf16"}

    def clear(self):
        self.cache = self.library.DynamicCache(config=self.model.config)

    def feed(self, sequence):
        self.last = self.model(self.torch.tensor([sequence]), past_key_values=self.cache,
                               use_cache=True, logits_to_keep=1).logits

    def logits(self):
        return self.last[0, -1].float().tolist()


if __name__ == "__main__":
    arm.serve(Arm())
