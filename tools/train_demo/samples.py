"""Writes docs/demo-samples.md: twenty stories as Sirocco tells them, with the command of each.

    python samples.py ../../build/bin/sirocco ../../docs/demo-samples.md
"""

import argparse
import pathlib
import shlex
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
MODEL = "models/demo"
CONTINUED = {"English": "Once upon a time", "French": "Il était une fois"}
ASKED = {"English": ["Tell me a story about a fox.", "Tell me a story about an inventor named Ruby.",
                     "Write a story about a princess.", "Can you tell me a story about a sailor?",
                     "Tell me a short story."],
         "French": ["Raconte-moi une histoire avec une souris.", "Écris une histoire avec un boulanger.",
                    "Raconte-moi l'histoire d'un loup qui s'appelle Victor.",
                    "Peux-tu me raconter une histoire avec une reine ?", "Raconte-moi une petite histoire."]}
HEADER = """# Twenty stories by the demo model

Sampled by Sirocco from `models/demo` with temperature 0.7, the first answer of each seed, unedited. This
page is written by `tools/train_demo/samples.py`, which needs nothing but the built program; each story
stands under its command.
"""


def tell(sirocco: pathlib.Path, arguments: list[str]) -> str:
    result = subprocess.run([str(sirocco.resolve()), *arguments], cwd=ROOT, capture_output=True, text=True,
                            check=True, stdin=subprocess.DEVNULL)
    return result.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sirocco", type=pathlib.Path, help="the program")
    parser.add_argument("page", type=pathlib.Path)
    args = parser.parse_args()
    parts = [HEADER]
    for language in CONTINUED:
        parts.append(f"## {language}\n")
        prompts = [[CONTINUED[language]]] * 5 + [["--instruct", request] for request in ASKED[language]]
        for seed, prompt in enumerate(prompts, 1):
            arguments = ["run", MODEL, *prompt, "-t", "0.7", "--seed", str(seed), "-n", "300"]
            parts.append(f"    sirocco {shlex.join(arguments)}\n\n{tell(args.sirocco, arguments)}\n")
    args.page.write_text("\n".join(parts))


if __name__ == "__main__":
    main()
