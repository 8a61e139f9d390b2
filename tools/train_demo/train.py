"""Trains a demo model on the CPU and writes a Hugging Face checkpoint. See README.md."""

import argparse
import dataclasses
import pathlib
import time

import torch
import torch.nn.functional as F

import batches
import checkpoint
import evaluate
import optimizers
import tokenizer
import upcycle
from model import DENSE, MIXTURE, Decoder, greedy

MODELS = {"dense": DENSE, "mixture": MIXTURE}
BALANCE = 0.01
SAMPLES = ["Once upon a time", "Il était une fois"]


def _point(text: str) -> tuple[int, float]:
    step, fraction = text.split(":")
    return int(step), float(fraction)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="checkpoint folder to write")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("train-work"),
                        help="folder for the tokenizer and the state to resume from")
    parser.add_argument("--rate", type=_point, nargs="+", required=True, metavar="STEP:FRACTION",
                        help="the learning rate's corners, as fractions of the peak; the last is the end")
    parser.add_argument("--dense", type=pathlib.Path, help="the checkpoint that a mixture begins with")
    parser.add_argument("--first", type=int, default=0, help="the step to begin with")
    parser.add_argument("--stop", type=int, help="end at this step, to go on with --resume")
    parser.add_argument("--resume", action="store_true", help="go on from the state in --work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--length", type=int, default=256, help="tokens of a row")
    parser.add_argument("--save-every", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


@dataclasses.dataclass
class Run:
    """Everything that a resumed run needs."""

    model: Decoder
    optimizers: list[torch.optim.Optimizer]
    step: int = 0
    tokens: int = 0

    def save(self, path: pathlib.Path) -> None:
        state = {"model": self.model.state_dict(), "step": self.step, "tokens": self.tokens,
                 "optimizers": [optimizer.state_dict() for optimizer in self.optimizers]}
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def load(self, path: pathlib.Path) -> None:
        state = torch.load(path)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        self.step, self.tokens = state["step"], state["tokens"]


def rate(points: list[tuple[int, float]], first: int, step: int) -> float:
    """The straight lines between the points, from 0 before the first step."""
    before = (first - 1, 0.0)
    for point in points:
        if step < point[0]:
            return before[1] + (point[1] - before[1]) * (step - before[0]) / (point[0] - before[0])
        before = point
    return before[1]


def loss_of(model: Decoder, batch: batches.Batch) -> torch.Tensor:
    """Weighted cross entropy of the next tokens; what has no weight is not even scored."""
    hidden = model.hidden(batch.ids, batch.documents)[:, :-1]
    weights = batch.weights[:, 1:]
    counted = weights > 0
    losses = F.cross_entropy(model.lm_head(hidden[counted]), batch.ids[:, 1:][counted], reduction="none")
    return (losses * weights[counted]).sum() / weights.sum()


def train_step(run: Run, args: argparse.Namespace, pieces) -> float:
    optimizers.set_rate(run.optimizers, rate(args.rate, args.first, run.step))
    batch = batches.batch(args.seed, run.step, pieces, args.length)
    loss = loss_of(run.model, batch)
    run.model.zero_grad(set_to_none=True)
    (loss + BALANCE * run.model.balance()).backward()
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    for optimizer in run.optimizers:
        optimizer.step()
    run.step += 1
    run.tokens += int((batch.documents > 0).sum())
    return loss.item()


def train(run: Run, args: argparse.Namespace, pieces) -> None:
    start, first, recent = time.monotonic(), run.step, 0.0
    items = evaluate.read()
    last = min(args.rate[-1][0], args.stop or args.rate[-1][0])
    while run.step < last:
        loss = train_step(run, args, pieces)
        recent = loss if run.step == first + 1 else 0.95 * recent + 0.05 * loss
        if run.step % 25 == 0 or run.step == last:
            seconds = (time.monotonic() - start) / (run.step - first)
            print(f"step {run.step}/{args.rate[-1][0]} loss {recent:.4f} {seconds:.3f} s/step "
                  f"{run.tokens} tokens", flush=True)
        if run.step % args.save_every == 0 or run.step == last:
            run.save(args.work / f"{args.model}.pt")
            print(evaluate.by_kind(items, evaluate.right(run.model, pieces, items)), flush=True)


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.work.mkdir(parents=True, exist_ok=True)
    config, tokenizer_model = MODELS[args.model], args.work / "tokenizer.model"
    if not tokenizer_model.exists():
        tokenizer.train(tokenizer_model, config.vocab_size, args.seed)
    pieces = tokenizer.load(tokenizer_model)
    model = Decoder(config)
    if args.dense:
        upcycle.start(model, args.dense)
    run = Run(model, optimizers.make(model), args.first)
    if args.resume:
        run.load(args.work / f"{args.model}.pt")
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    train(run, args, pieces)
    checkpoint.save(args.out, model, tokenizer_model,
                    {"seed": args.seed, "first_step": args.first, "steps": run.step - args.first,
                     "tokens": run.tokens})
    for text in SAMPLES:
        ids = greedy(model, checkpoint.encode(pieces, text), 120, stop=tokenizer.EOS)
        print(f"--- {text}|{pieces.decode(ids)}")


if __name__ == "__main__":
    main()
