"""Settings of DreamerV3; the defaults are size 12m. Light: nothing here imports torch."""

from __future__ import annotations

import attrs

from wmframe.config import setting


@attrs.frozen
class RSSMConfig:
    """The recurrent state-space model."""

    deter: int = setting(2048, help="R, length of the recurrent state", minimum=1, maximum=2**16)
    hidden: int = setting(256, help="units of hidden layers", minimum=1, maximum=2**15)
    stoch: int = setting(32, help="S, categorical variables", minimum=1, maximum=4096)
    classes: int = setting(16, help="D, classes of each", minimum=2, maximum=4096)
    blocks: int = setting(8, help="G, blocks of the recurrence", minimum=1, maximum=1024)
    prior_layers: int = setting(2, help="hidden layers of the prior", minimum=1, maximum=64)
    posterior_layers: int = setting(1, help="hidden layers of the posterior", minimum=1, maximum=64)
    unimix: float = setting(0.01, help="uniform share of latents", minimum=0.0, maximum=1.0)
    free_nats: float = setting(
        1.0, help="KL below which nothing is learned", minimum=0.0, maximum=1e6
    )
    action_free: bool = setting(False, help="ignore actions, as for videos")
    fill_action: int = setting(0, help="pad actions to this width", minimum=0, maximum=4096)


@attrs.frozen
class NetsConfig:
    """An encoder or decoder of images and vectors together."""

    depth: int = setting(16, help="channels of a stage, times 2, 3, 4, 4", minimum=1, maximum=4096)
    units: int = setting(256, help="width of MLPs", minimum=1, maximum=2**15)
    layers: int = setting(3, help="hidden layers of the MLP for vectors", minimum=1, maximum=64)
    image_keys: str = setting(".*", help="regular expression of the images")
    vector_keys: str = setting(".*", help="regular expression of the vectors")


@attrs.frozen
class DecoderConfig(NetsConfig):
    """The decoder, which takes the two parts of a state apart."""

    deter: int = setting(2048, help="R of the dynamics", minimum=1, maximum=2**16)
    blocks: int = setting(
        8, help="blocks of the layer on the recurrent state", minimum=1, maximum=1024
    )
