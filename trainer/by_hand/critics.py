"""What the updates of SAC and TD3 share: several critics, their targets, and slopes of actions."""

from collections.abc import Sequence

import torch
from stable_baselines3.common.policies import ContinuousCritic
from torch import Tensor

from trainer.by_hand.flat import Flat, FlatAdam
from trainer.by_hand.network import Network


class Critics:
    """A critic's networks, those of its target, and what changes them."""

    def __init__(self, critic: ContinuousCritic, target: ContinuousCritic) -> None:
        self.flat, self.target_flat = Flat(list(critic.parameters())), Flat(list(target.parameters()))
        self.networks = [Network(network, self.flat) for network in critic.q_networks]
        self.targets = [Network(network, self.target_flat) for network in target.q_networks]
        self.adam = FlatAdam(critic.optimizer, self.flat)

    def belong_to(self, critic: ContinuousCritic, target: ContinuousCritic) -> bool:
        ours = self.flat.holds(list(critic.parameters()))
        return ours and self.target_flat.holds(list(target.parameters()))

    def least_of_targets(self, observations: Tensor, actions: Tensor) -> Tensor:
        """The least that the target networks expect: [samples, 1]."""
        inputs = torch.cat((observations, actions), 1)
        return least([network.outputs(inputs) for network in self.targets])

    def learn(self, observations: Tensor, actions: Tensor, wanted: Tensor, weight: float) -> float:
        """One step down the gradient of `weight` times the squared errors; returns the loss."""
        inputs = torch.cat((observations, actions), 1)
        loss = torch.zeros(())
        for network in self.networks:
            seen = network.forwards(inputs)
            error = seen[-1] - wanted
            loss += (error * error).mean()
            network.backwards(seen, error.mul_(2 * weight / len(error)))
        self.adam.step()
        return weight * loss.item()

    def slopes_of_least(self, observations: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
        """The least that the networks expect, [samples, 1], and its slopes by the actions."""
        inputs = torch.cat((observations, actions), 1)
        passes = [network.forwards(inputs) for network in self.networks]
        lowest, which = torch.cat([seen[-1] for seen in passes], 1).min(1, keepdim=True)
        slopes = torch.zeros_like(actions)
        for number, (network, seen) in enumerate(zip(self.networks, passes, strict=True)):
            chosen = (which == number).float()
            slopes += network.slopes_of_inputs(seen, chosen, observations.shape[1])
        return lowest, slopes

    def slopes_of_first(self, observations: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
        """What the first network expects, [samples, 1], and its slopes by the actions."""
        network = self.networks[0]
        seen = network.forwards(torch.cat((observations, actions), 1))
        slopes = network.slopes_of_inputs(seen, torch.ones_like(seen[-1]), observations.shape[1])
        return seen[-1], slopes


def least(values: Sequence[Tensor]) -> Tensor:
    """The least of each row: [samples, 1]."""
    return torch.cat(tuple(values), 1).amin(1, keepdim=True)
