"""Shapes of random models, like those of real ones."""

SHAPES = {
    "1b": dict(dim=3072, ff=9216, heads=32, kv_heads=8, head_dim=128, layers=8, vocab=32768),
    "100m": dict(dim=768, ff=2048, heads=12, kv_heads=4, head_dim=64, layers=12, vocab=32000),
}
