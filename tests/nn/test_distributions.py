import pytest
import torch

from support.golden import FixedNoise
from wmframe.nn.distributions import Binary, Mse, OneHot, TruncNormal
from wmframe.nn.noise import Noise


def test_mse_sums_half_the_squared_error_over_the_event():
    mean, x = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
    expected = -0.5 * (x - mean).square().sum((1, 2))
    assert torch.allclose(Mse(mean, 2).log_prob(x), expected)
    assert Mse(mean).log_prob(x).shape == x.shape


def test_mse_entropy_is_that_of_unit_normals():
    expected = torch.distributions.Normal(torch.zeros(5, 3), 1).entropy().sum(-1)
    assert torch.allclose(Mse(torch.randn(5, 3), 1).entropy(), expected)


def test_binary_agrees_with_torch():
    logit, x = torch.randn(50), torch.rand(50).round()
    ours, theirs = Binary(logit), torch.distributions.Bernoulli(logits=logit)
    assert torch.allclose(ours.log_prob(x), theirs.log_prob(x), atol=1e-6)
    assert torch.allclose(ours.entropy(), theirs.entropy(), atol=1e-6)
    assert torch.equal(ours.mode(), theirs.probs.round())


def test_one_hot_samples_as_often_as_the_probabilities_say():
    torch.manual_seed(0)
    probs = torch.tensor([0.1, 0.2, 0.7])
    draws = OneHot(probs.log().expand(20000, 3)).sample(Noise())
    assert torch.allclose(draws.mean(0), probs, atol=0.02)
    assert torch.equal(draws.sum(-1), torch.ones(20000))


def test_a_one_hot_sample_passes_its_gradient_to_the_probabilities():
    logit = torch.randn(4, 3, requires_grad=True)
    weight = torch.randn(4, 3)
    (OneHot(logit).sample(Noise()) * weight).sum().backward()
    expected = torch.autograd.grad((logit.softmax(-1) * weight).sum(), logit)[0]
    assert torch.allclose(logit.grad, expected)


def test_groups_are_independent_one_hot_vectors():
    logit = torch.randn(6, 5)
    both = OneHot(logit, (2, 3))
    parts = [OneHot(part) for part in logit.split([2, 3], -1)]
    action = both.mode()
    assert torch.equal(action, torch.cat([part.mode() for part in parts], -1))
    assert torch.equal(both.sample(Noise())[:, :2].sum(-1).round(), torch.ones(6))
    pieces = action.split([2, 3], -1)
    log_prob = sum(part.log_prob(piece) for part, piece in zip(parts, pieces, strict=True))
    assert torch.allclose(both.log_prob(action), log_prob)
    assert torch.allclose(both.entropy(), sum(part.entropy() for part in parts))


def test_a_truncated_normal_integrates_to_one():
    dist = TruncNormal(torch.tensor([0.4]), torch.tensor([0.7]))
    x = torch.linspace(-1, 1, 20001)
    density = dist.log_prob(x.unsqueeze(-1)).exp()
    assert torch.trapezoid(density, x).item() == pytest.approx(1, abs=1e-4)
    assert torch.trapezoid(density * x, x).item() == pytest.approx(dist.mean().item(), abs=1e-4)
    entropy = -torch.trapezoid(density * density.log(), x).item()
    assert entropy == pytest.approx(dist.entropy().item(), abs=1e-4)


@pytest.mark.parametrize("uniform", [1e-12, 1 - 2**-24])
def test_extreme_samples_of_a_truncated_normal_stay_finite_and_inside(uniform):
    loc = torch.full((3, 2), 0.3, requires_grad=True)
    dist = TruncNormal(loc, torch.full((3, 2), 0.1))
    sample = dist.sample(FixedNoise([torch.full((3, 2), uniform)]))
    dist.log_prob(sample).sum().backward()
    assert (sample.abs() < 1).all()
    assert loc.grad.isfinite().all()


def test_gradients_of_samples_of_a_truncated_normal_are_those_of_its_inverse():
    torch.manual_seed(0)
    loc = torch.empty(2000, 2, dtype=torch.float64).uniform_(-1, 1).requires_grad_()
    scale = torch.empty_like(loc).uniform_(0.1, 2).requires_grad_()
    u, pull = torch.rand_like(loc), torch.randn_like(loc)
    dist = TruncNormal(loc, scale)
    sample, inverse = dist.sample(FixedNoise([u])), dist.icdf(u)
    torch.testing.assert_close(sample, inverse, rtol=0, atol=1e-6)  # it keeps off the edges
    both = (
        torch.autograd.grad(x, (loc, scale), pull, retain_graph=True) for x in (sample, inverse)
    )
    found, wanted = both
    torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-9)


def test_samples_of_a_truncated_normal_follow_its_mean():
    torch.manual_seed(0)
    dist = TruncNormal(torch.full((20000, 1), 0.8), torch.full((20000, 1), 0.5))
    assert dist.sample(Noise()).mean().item() == pytest.approx(dist.mean()[0].item(), abs=0.01)


def test_uniform_noise_excludes_zero():
    class Zeros(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            out = func(*args, **(kwargs or {}))
            return torch.zeros_like(out) if func is torch.rand else out

    with Zeros():
        assert (Noise().uniform((4,), torch.zeros(1)) > 0).all()
