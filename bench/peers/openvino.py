"""OpenVINO GenAI: weights kept as f16 (its converter knows no bf16 files), products in its default."""
import json

from peers import arm, environment as environments

NAME = "openvino-genai"


def install(environment):
    return environment.install(NAME, "numpy")


def convert(environment, checkpoint, folder):
    """Optimum's exporter for OpenVINO."""
    environments.convert_with_torch(environment, [
        "-m", "optimum.commands.optimum_cli", "export", "openvino", "-m", checkpoint, "--task",
        "text-generation-with-past", "--weight-format", "fp16", "--disable-convert-tokenizer", folder],
        "optimum-intel")
    return folder


class Arm(arm.Generating):
    def __init__(self):
        import numpy
        import openvino
        import openvino_genai
        self.numpy, self.runtime, self.library = numpy, openvino, openvino_genai

    def open(self, path, threads, context):
        # Its default, but for the cache of prompts, which would leave nothing to measure.
        scheduler = self.library.SchedulerConfig()
        scheduler.enable_prefix_caching = False
        scheduler.max_num_batched_tokens = 2 ** 31 - 1
        self.pipeline = self.library.LLMPipeline(path, "CPU", scheduler_config=scheduler,
                                                 INFERENCE_NUM_THREADS=threads)
        precision = self.runtime.Core().get_property("CPU", "INFERENCE_PRECISION_HINT").get_type_name()
        with open(f"{path}/config.json", encoding="utf-8") as file:
            vocabulary = json.load(file)["vocab_size"]
        return {"vocabulary": vocabulary, "version": arm.version(NAME, "openvino"), "weights": "f16",
                "computes": precision}

    def complete(self, sequence, count):
        ids = self.runtime.Tensor(self.numpy.array([sequence], dtype=self.numpy.int64))
        return self.pipeline.generate(ids, max_new_tokens=count, ignore_eos=True, do_sample=False,
                                      apply_chat_template=False)

    def generate(self, sequence, count):
        yield from self.complete(sequence, count).tokens[0]

    def tg(self, count, depth):
        """Times are its own: microseconds of each token after the first."""
        found = self.complete(self.fresh(max(depth, 1)), count + 1)
        times = found.perf_metrics.raw_metrics.m_durations
        if len(times) != count:
            raise RuntimeError(f"{len(times)} tokens came where {count} were wanted")
        return {"seconds": sum(times) / 1e6}


if __name__ == "__main__":
    arm.serve(Arm())
