"""A decoder in plain PyTorch, dense or with experts; parameters are named as in Hugging Face checkpoints."""

import dataclasses
import json
import pathlib

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclasses.dataclass(frozen=True)
class Config:
    """Names as in config.json. `num_local_experts` is None for a dense model."""

    vocab_size: int = 4096
    hidden_size: int = 256
    intermediate_size: int = 512
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    num_key_value_heads: int = 2
    head_dim: int = 64
    max_position_embeddings: int = 512
    sliding_window: int | None = 128
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-5
    initializer_range: float = 0.0625
    num_local_experts: int | None = None
    num_experts_per_tok: int | None = None

    def to_hugging_face(self) -> dict:
        """config.json; the RoPE base is given in both the old and the new way."""
        dense = self.num_local_experts is None
        own = dataclasses.asdict(self)
        if dense:
            del own["num_local_experts"], own["num_experts_per_tok"]
        return {
            "architectures": ["MistralForCausalLM" if dense else "MixtralForCausalLM"],
            "model_type": "mistral" if dense else "mixtral", **own,
            "rope_parameters": {"rope_theta": self.rope_theta, "rope_type": "default"},
            "attention_dropout": 0.0, "hidden_act": "silu", "tie_word_embeddings": False,
            "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None, "use_cache": True,
            "dtype": "bfloat16", "torch_dtype": "bfloat16",
        }

    @staticmethod
    def load(path: pathlib.Path) -> "Config":
        given = json.loads(path.read_text())
        return Config(**{f.name: given.get(f.name) for f in dataclasses.fields(Config)})


DENSE = Config()
MIXTURE = Config(intermediate_size=128, sliding_window=None, num_local_experts=8, num_experts_per_tok=2)


class RmsNorm(nn.Module):
    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        wide = x if x.dtype == torch.float64 else x.float()
        return wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps) * self.weight


def rope_tables(positions: Tensor, config: Config, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """cos and sin [.., T, head_dim / 2]; the half-split convention pairs j with j + head_dim / 2."""
    half = config.head_dim // 2
    frequencies = config.rope_theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = positions.double().unsqueeze(-1) * frequencies
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Attention(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.heads, self.kv_heads = config.num_attention_heads, config.num_key_value_heads
        self.head_dim = config.head_dim
        q_size, kv_size = self.heads * self.head_dim, self.kv_heads * self.head_dim
        self.q_proj = nn.Linear(config.hidden_size, q_size, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, kv_size, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, kv_size, bias=False)
        self.o_proj = nn.Linear(q_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        batch, length, _ = x.shape
        q = self.q_proj(x).view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        q, k = rotate(q, *rope).to(v.dtype), rotate(k, *rope).to(v.dtype)
        group = self.heads // self.kv_heads
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.o_proj(out.transpose(1, 2).reshape(batch, length, -1))


class Mlp(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Expert(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.w1 = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.w2 = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)
        self.w3 = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class Experts(nn.Module):
    """A token goes to the experts with the highest scores, weighted by the softmax of those scores.

    `balance` is the usual auxiliary loss of the last call: 1 when every expert gets its share.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.gate = nn.Linear(config.hidden_size, config.num_local_experts, bias=False)
        self.experts = nn.ModuleList(Expert(config) for _ in range(config.num_local_experts))
        self.chosen = config.num_experts_per_tok
        self.balance: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        flat = x.reshape(-1, x.shape[-1])
        scores = self.gate(flat)
        best, which = scores.topk(self.chosen, dim=-1)
        weights = best.softmax(-1)
        out = torch.zeros_like(flat)
        shares = []
        for number, expert in enumerate(self.experts):
            rows, rank = (which == number).nonzero(as_tuple=True)
            out = out.index_add(0, rows, expert(flat[rows]) * weights[rows, rank].unsqueeze(-1))
            shares.append(len(rows) / which.numel())
        usual = scores.softmax(-1).mean(0)
        self.balance = len(self.experts) * (usual * torch.tensor(shares, dtype=usual.dtype)).sum()
        return out.view_as(x)


class Layer(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.self_attn = Attention(config)
        self.has_experts = config.num_local_experts is not None
        if self.has_experts:
            self.block_sparse_moe = Experts(config)
        else:
            self.mlp = Mlp(config)
        self.input_layernorm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RmsNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), rope, mask)
        feed_forward = self.block_sparse_moe if self.has_experts else self.mlp
        return x + feed_forward(self.post_attention_layernorm(x))


class Trunk(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = RmsNorm(config.hidden_size, config.rms_norm_eps)


class Decoder(nn.Module):
    """Logits for packed rows: `documents` [B, T] numbers the documents, which do not see each other."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.model = Trunk(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                residual = name.endswith(("o_proj.weight", "down_proj.weight", "w2.weight"))
                scale = (2 * config.num_hidden_layers) ** -0.5 if residual else 1.0
                nn.init.normal_(parameter, std=config.initializer_range * scale)

    def hidden(self, tokens: Tensor, documents: Tensor | None = None) -> Tensor:
        """[B, T] token ids -> [B, T, hidden], after the final norm."""
        x = self.model.embed_tokens(tokens)
        positions = torch.arange(tokens.shape[1])
        rope = rope_tables(positions, self.config, x.dtype)
        distance = positions.unsqueeze(1) - positions.unsqueeze(0)
        window = self.config.sliding_window or tokens.shape[1]
        mask = ((distance >= 0) & (distance < window)).expand(1, 1, -1, -1)
        if documents is not None:
            mask = mask & (documents.unsqueeze(1) == documents.unsqueeze(2)).unsqueeze(1)
        for layer in self.model.layers:
            x = layer(x, rope, mask)
        return self.model.norm(x)

    def forward(self, tokens: Tensor, documents: Tensor | None = None) -> Tensor:
        return self.lm_head(self.hidden(tokens, documents))

    def balance(self) -> Tensor:
        """The mean over the layers with experts of the last call's auxiliary loss."""
        losses = [layer.block_sparse_moe.balance for layer in self.model.layers if layer.has_experts]
        return torch.stack(losses).mean() if losses else torch.zeros(())


@torch.no_grad()
def greedy(model: Decoder, prompt: list[int], count: int, stop: int | None = None) -> list[int]:
    """`count` most likely next tokens, fewer when `stop` comes up (which is then included)."""
    ids = list(prompt)
    while len(ids) < len(prompt) + count:
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
        if ids[-1] == stop:
            break
    return ids[len(prompt):]
