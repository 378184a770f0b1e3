import subprocess
import sys

# In a process of its own: this one has imported the compiler already, perhaps.
PROGRAM = """
import sys
import torch
from trainer.light_torch import stand_in

def steps():
    torch.manual_seed(1)
    layer = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(layer.parameters())
    for _ in range(5):
        optimizer.zero_grad()
        layer(torch.ones(4, 3)).square().mean().backward()
        optimizer.step()
    return layer.weight.detach().clone()

stand_in()
ours = steps()
assert [name for name in sys.modules if name.startswith("torch._dynamo")] == ["torch._dynamo"]
assert torch.compile(lambda x: 2 * x, backend="eager")(torch.ones(1)).item() == 2
import torch._dynamo.eval_frame
assert torch._dynamo.config is sys.modules["torch._dynamo"].config
stand_in()
assert hasattr(torch._dynamo, "explain")
assert torch.equal(ours, steps())
"""


def test_the_compiler_is_imported_by_those_alone_who_use_it() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
