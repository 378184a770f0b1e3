"""Training programs that end in bad ways, or mean harm. Each runs as `python -m obedient RUN_FOLDER`."""

COUNTS = """
import itertools, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / "pid").touch()
give_up_at = time.monotonic() + 300
with (folder / "train.log").open("a", buffering=1) as log:
    for n in itertools.count():
        log.write(f"{n}\\n")
        if (folder / "exit").exists() or time.monotonic() > give_up_at:
            break
        time.sleep(0.01)
sys.exit(int((folder / "exit").read_text()))
"""

ENDS_BY = """
import os, pathlib, signal, sys
how = (pathlib.Path(sys.argv[1]) / "how").read_text()
if how.startswith("SIG"):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), getattr(signal, how))
os._exit(int(how))
"""

EATS_MEMORY = """
import os, pathlib, sys
who, code = (pathlib.Path(sys.argv[1]) / "how").read_text().split()
if who == "main":
    sys.exit(len(b"x" * 2**31))
child = os.fork()
if not child:
    os._exit(len(b"x" * 2**31) % 2)
os.waitpid(child, 0)
sys.exit(int(code))
"""

MEANS_HARM = """
import errno, json, os, pathlib, resource, socket, subprocess, sys
folder = pathlib.Path(sys.argv[1])
report = {}

def attempt(name, act):
    try:
        report[name] = act()
    except OSError as error:
        report[name] = errno.errorcode.get(error.errno, str(error))

def fork_bomb():
    children = []
    try:
        while len(children) < 5000:
            child = os.fork()
            if not child:
                os.pause() if hasattr(os, "pause") else __import__("signal").pause()
            children.append(child)
    except OSError as error:
        return errno.errorcode[error.errno], len(children)
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)

def connect(address):
    with socket.socket() as line:
        line.settimeout(5)
        line.connect(address)
        return "connected"

def fill(path):
    with open(path, "wb") as file:
        while True:
            file.write(b"x" * 2**20)

def run_from_tmp():
    path = pathlib.Path("/tmp/program")
    path.write_text("#!/bin/sh\\nexit 0\\n")
    path.chmod(0o755)
    return subprocess.run([str(path)]).returncode

attempt("fork", fork_bomb)
attempt("network", lambda: connect(("192.0.2.1", 80)))
attempt("interfaces", lambda: sorted(name for _, name in socket.if_nameindex()))
attempt("write_root", lambda: pathlib.Path("/opt/mine").write_text("x"))
attempt("write_code", lambda: pathlib.Path("/opt/signoff-code/obedient.py").write_text("x"))
attempt("shadow", lambda: pathlib.Path("/etc/shadow").read_text())
attempt("become_root", lambda: os.setuid(0))
attempt("docker", lambda: pathlib.Path("/var/run/docker.sock").exists())
attempt("host", lambda: (folder / "host").exists() and pathlib.Path((folder / "host").read_text()).exists())
attempt("execute_tmp", run_from_tmp)
attempt("large_file", lambda: fill(folder / "large"))
attempt("fill_tmp", lambda: fill("/tmp/large"))
status = pathlib.Path("/proc/self/status").read_text().splitlines()
report["rights"] = [line.split()[1] for line in status if line.startswith(("CapEff", "CapBnd", "NoNewPrivs"))]
os.unlink("/tmp/large")
os.unlink(folder / "large")
(folder / "report.json").write_text(json.dumps(report))
(folder / "result.json").symlink_to("/etc/passwd")
line = b"y" * 1023 + b"\\n"
for _ in range(160 * 1024):
    os.write(1, line)
"""
