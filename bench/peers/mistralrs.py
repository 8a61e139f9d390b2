"""mistral.rs, bf16. It takes text only, so words of the made-up tokenizer stand for the tokens."""
import json

from peers import arm

NAME = "mistralrs"


def install(environment):
    return environment.install(NAME, reason="its source distribution fetches crates from Rust's registry")


def convert(environment, checkpoint, folder):
    """Reads the checkpoint as it is."""
    return checkpoint


class Arm(arm.Peer):
    """Times are its own: it tells those of the prompt and of the rest with every answer."""

    def __init__(self):
        import mistralrs
        self.library = mistralrs

    def open(self, path, threads, context):
        library = self.library
        self.runner = library.Runner(
            which=library.Which.Plain(model_id=path, arch=library.Architecture.Mistral,
                                      dtype=library.ModelDType.BF16),
            prefix_cache_n=0, token_source="none")
        with open(f"{path}/tokenizer.json", encoding="utf-8") as file:
            self.ids = json.load(file)["model"]["vocab"]
        self.words = {index: word for word, index in self.ids.items()}
        return {"vocabulary": len(self.ids), "version": arm.version(NAME), "weights": "bf16",
                "computes": "bf16"}

    def complete(self, sequence, count):
        answer = self.runner.send_completion_request(self.library.CompletionRequest(
            model="default", prompt=" ".join(self.words[token] for token in sequence),
            max_tokens=count, temperature=0.0, top_k=1, ignore_eos=True))
        usage = answer.usage
        if (usage.prompt_tokens, usage.completion_tokens) != (len(sequence), count):
            raise RuntimeError(f"{usage.prompt_tokens} tokens read and {usage.completion_tokens} made "
                               f"where {len(sequence)} and {count} were wanted")
        return answer

    def first(self):
        self.complete([11], 1)

    def next(self, sequence):
        return {"token": self.ids[self.complete(sequence, 1).choices[0].text.strip()]}

    def pp(self, count):
        sequence = self.fresh(count)
        return {"seconds": self.complete(sequence, 1).usage.total_prompt_time_sec}

    def tg(self, count, depth):
        sequence = self.fresh(max(depth, 1))
        return {"seconds": self.complete(sequence, count + 1).usage.total_completion_time_sec}


if __name__ == "__main__":
    arm.serve(Arm())
