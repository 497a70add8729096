"""Commands that start Jupyter kernels: nbgrader's, Jupyter Book's."""

import subprocess

#: What is printed where a kernel did not start. Two kernels that start at the same time may be given the same port.
NO_KERNEL = ("Address already in use", "DeadKernelError", "Kernel didn't respond", "Kernel died before replying")


def run_with_kernels(command, folder, environment, seconds=1200):
    """Run a command that starts kernels; once more where one of its kernels did not start.

    Returns
    -------
    int, str : the exit code and all that was printed by the last try
    """
    for _ in range(2):
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            text=True,
            errors="replace",
        )
        if not (done.returncode and any(text in done.stdout for text in NO_KERNEL)):
            break
    return done.returncode, done.stdout
