"""A toy of a vehicle with a rudder, its reward terms and its metrics."""

import gymnasium

ENV_ID = "TurningVehicle-v0"
MAX_EPISODE_STEPS = 100


def register() -> None:
    """Make the environment known to gymnasium; may be called again."""
    if ENV_ID not in gymnasium.registry:
        gymnasium.register(
            ENV_ID,
            entry_point="turning_vehicle.vehicle:TurningVehicle",
            max_episode_steps=MAX_EPISODE_STEPS,
        )
