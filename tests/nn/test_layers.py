import pytest
import torch

from wmframe.config import default_part
from wmframe.errors import UsageError
from wmframe.nn.choices import ACTIVATIONS, IMAGE_NORMS, NORMS
from wmframe.nn.layers import activation, channels_last, dense_norm, image_norm
from wmframe.nn.mlp import MLP, Head
from wmframe.nn.precision import float32_at_least
from wmframe.nn.residual import ResidualStack
from wmframe.nn.stream_norm import StreamNorm


def test_every_named_choice_can_be_built():
    x = torch.randn(2, 6)
    for name in ACTIVATIONS:
        assert activation(name)(x).shape == x.shape
    for name in NORMS:
        assert dense_norm(name, 6)(x).shape == x.shape
    for name in IMAGE_NORMS:
        assert image_norm(name, 6)(x[..., None, None].expand(2, 6, 4, 4)).shape == (2, 6, 4, 4)


@pytest.mark.parametrize(
    "make", [activation, lambda n: dense_norm(n, 4), lambda n: image_norm(n, 4)]
)
def test_an_unknown_choice_is_refused_with_what_there_is(make):
    with pytest.raises(UsageError, match="one of"):
        make("nothing")


def make(dist, shape=()):
    runtime = {"in_dim": 8, "shape": shape}
    output = default_part("output", {"use": dist}).build(**runtime, groups=())
    return Head(MLP(7, (8, 8), "elu", "layer"), output)


@pytest.mark.parametrize("dist", ["mse", "binary", "onehot", "trunc_normal"])
def test_heads_predict_events_of_their_shape(dist):
    shape = () if dist == "binary" else (5,)
    head = make(dist, shape)
    predicted = head(torch.randn(2, 3, 7))
    assert predicted.mode().shape == (2, 3, *shape)
    assert predicted.log_prob(predicted.mode()).shape == (2, 3)
    assert predicted.entropy().shape == (2, 3)


def test_heads_predict_in_full_precision_under_autocast():
    head = make("mse")
    with torch.autocast("cpu", torch.bfloat16):
        assert head(torch.randn(2, 7)).mean().dtype == torch.float32
    assert float32_at_least(torch.zeros(1, dtype=torch.float64)).dtype == torch.float64


def test_channels_last_maps_stay_so_through_a_stack():
    maps = ResidualStack([3, 4, 4], "batch")(channels_last(torch.randn(2, 3, 8, 8)))
    assert maps.is_contiguous(memory_format=torch.channels_last)


def test_a_stream_norm_of_momentum_one_never_moves():
    norm = StreamNorm(momentum=1.0)
    norm.update(torch.full((3,), 100.0))
    assert norm.mag == 1


def test_a_stream_norm_leaves_its_input_alone():
    x = torch.randn(4)
    before = x.clone()
    StreamNorm(0.5)(x)
    assert torch.equal(x, before)
