"""Trains the demo model on the CPU and writes a Hugging Face checkpoint. See README.md."""

import argparse
import dataclasses
import json
import math
import pathlib
import time

import safetensors.torch
import torch
import torch.nn.functional as F

import batches
import tokenizer
from model import Config, Mistral, greedy

SAMPLES = ["Once upon a time", "Il était une fois",
           "Question: What day comes after Monday?\nAnswer:", "Question: What is 12 plus 30?\nAnswer:"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="checkpoint folder to write")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("train-work"),
                        help="folder for the tokenizer and the state to resume from")
    parser.add_argument("--steps", type=int, default=3200)
    parser.add_argument("--stop", type=int, help="end at this step of the schedule of --steps")
    parser.add_argument("--minutes", type=float,
                        help="choose the number of steps by timing the first ones (it is printed)")
    parser.add_argument("--resume", action="store_true", help="go on from the state in --work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--save-every", type=int, default=250)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--float32", action="store_true", help="no bf16 autocast")
    return parser.parse_args()


@dataclasses.dataclass
class Run:
    """Everything that a resumed run needs."""

    model: Mistral
    optimizer: torch.optim.AdamW
    total: int
    step: int = 0

    def save(self, path: pathlib.Path) -> None:
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
                 "total": self.total, "step": self.step}
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def load(self, path: pathlib.Path) -> None:
        state = torch.load(path)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.total, self.step = state["total"], state["step"]


def new_run(args: argparse.Namespace, config: Config) -> Run:
    torch.manual_seed(args.seed)
    model = Mistral(config)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.98))
    return Run(model, optimizer, args.steps)


def learning_rate(args: argparse.Namespace, step: int, total: int) -> float:
    """Linear warm-up, then a cosine down to 2 % of the peak."""
    if step < args.warmup:
        return args.lr * (step + 1) / args.warmup
    progress = min(1.0, (step - args.warmup) / max(1, total - args.warmup))
    return args.lr * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))


def next_token_loss(model: Mistral, batch: batches.Batch) -> torch.Tensor:
    """Cross entropy of every token given those before it, weighted as the batch says."""
    logits = model(batch.ids, batch.documents)[:, :-1].float()
    losses = F.cross_entropy(logits.transpose(1, 2), batch.ids[:, 1:], reduction="none")
    weights = batch.weights[:, 1:]
    return (losses * weights).sum() / weights.sum()


def train_step(run: Run, args: argparse.Namespace, pieces) -> float:
    for group in run.optimizer.param_groups:
        group["lr"] = learning_rate(args, run.step, run.total)
    batch = batches.batch(args.seed, run.step, pieces, args.rows, args.length)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not args.float32):
        loss = next_token_loss(run.model, batch)
    run.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    run.optimizer.step()
    run.step += 1
    return loss.item()


def train(run: Run, args: argparse.Namespace, pieces) -> None:
    start, first = time.monotonic(), run.step
    recent = 0.0
    while run.step < min(run.total, args.stop or run.total):
        loss = train_step(run, args, pieces)
        recent = loss if run.step == first + 1 else 0.95 * recent + 0.05 * loss
        if args.minutes and not args.resume and run.step == 5:
            warm = time.monotonic()
        if args.minutes and not args.resume and run.step == 25:
            run.total = int(args.minutes * 60 / ((time.monotonic() - warm) / 20))
            print(f"{run.total} steps fit into {args.minutes} minutes", flush=True)
        if run.step % 50 == 0 or run.step == run.total:
            seconds = (time.monotonic() - start) / (run.step - first)
            print(f"step {run.step}/{run.total} loss {recent:.4f} {seconds:.3f} s/step", flush=True)
        if run.step % args.save_every == 0 or run.step in (args.stop, run.total):
            run.save(args.work / "state.pt")


def write_checkpoint(model: Mistral, args: argparse.Namespace) -> None:
    args.out.mkdir(parents=True, exist_ok=True)
    weights = {name: value.bfloat16().contiguous() for name, value in model.state_dict().items()}
    serialised = safetensors.torch.save(weights, metadata={"format": "pt"})
    (args.out / "model.safetensors").write_bytes(serialised)
    config = json.dumps(model.config.to_hugging_face(), indent=2, sort_keys=True)
    (args.out / "config.json").write_text(config + "\n")
    generation = {"bos_token_id": tokenizer.BOS, "eos_token_id": tokenizer.EOS, "do_sample": False}
    (args.out / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    (args.out / "tokenizer.model").write_bytes((args.work / "tokenizer.model").read_bytes())


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    config = Config()
    if not (args.resume and (args.work / "tokenizer.model").exists()):
        tokenizer.train(args.work / "tokenizer.model", config.vocab_size, args.seed)
    pieces = tokenizer.load(args.work / "tokenizer.model")
    run = new_run(args, config)
    if args.resume:
        run.load(args.work / "state.pt")
    print(f"{sum(p.numel() for p in run.model.parameters())} parameters", flush=True)
    train(run, args, pieces)
    write_checkpoint(run.model, args)
    for text in SAMPLES:
        ids = greedy(run.model, [tokenizer.BOS, *pieces.encode(text)], 80, stop=tokenizer.EOS)
        print(f"--- {text}|{pieces.decode(ids)}")


if __name__ == "__main__":
    main()
