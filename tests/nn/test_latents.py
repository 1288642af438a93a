import pytest
import torch

from wmframe.errors import UsageError
from wmframe.nn.latents import CategoricalLatent, GaussianLatent
from wmframe.nn.noise import Noise


def test_categorical_kl_and_entropy_agree_with_torch():
    latent = CategoricalLatent(3, 4)
    p, q = (latent.stats(torch.randn(2, 5, latent.params)) for _ in range(2))
    ours = torch.distributions.Categorical(logits=p[0])
    other = torch.distributions.Categorical(logits=q[0])
    kl = torch.distributions.kl_divergence(ours, other).sum(-1)
    assert torch.allclose(latent.kl(p, q), kl, atol=1e-5)
    assert torch.allclose(latent.entropy(p), ours.entropy().sum(-1), atol=1e-5)


def test_gaussian_kl_and_entropy_agree_with_torch():
    latent = GaussianLatent(3, "softplus", 0.1)
    p, q = (latent.stats(torch.randn(2, 5, latent.params)) for _ in range(2))
    ours, other = torch.distributions.Normal(*p), torch.distributions.Normal(*q)
    kl = torch.distributions.kl_divergence(ours, other).sum(-1)
    assert torch.allclose(latent.kl(p, q), kl, atol=1e-5)
    assert torch.allclose(latent.entropy(p), ours.entropy().sum(-1), atol=1e-5)


@pytest.mark.parametrize(
    "latent", [CategoricalLatent(3, 4), GaussianLatent(3, "sigmoid", 0.1)], ids=["cat", "gauss"]
)
def test_samples_flatten_to_dim_and_reach_the_stats(latent):
    raw = torch.randn(6, latent.params, requires_grad=True)
    stats = latent.stats(raw)
    sample = latent.sample(stats, Noise())
    flat = latent.flat(sample)
    assert flat.shape == (6, latent.dim)
    assert latent.mode(stats).shape == sample.shape
    (flat * torch.randn(6, latent.dim)).sum().backward()
    assert raw.grad.abs().sum() > 0


def test_a_categorical_sample_has_no_gradient_when_not_straight_through():
    latent = CategoricalLatent(3, 4, straight_through=False)
    stats = latent.stats(torch.randn(6, latent.params, requires_grad=True))
    assert not latent.sample(stats, Noise()).requires_grad


def test_an_unknown_std_activation_is_refused_with_what_there_is():
    with pytest.raises(UsageError, match="sigmoid2"):
        GaussianLatent(3, "exp", 0.1)
