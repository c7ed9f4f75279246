"""Controls: attackers that do not touch the node. Node, good client and attackers share the cores of the machine, so these controls cost the good
client something too. That cost is a part of every other ratio."""
import socket

from attacker import attack


@attack('control-spin', asks=('info', 'event', 'preverify'))
def control_spin(me):
    """Attacks nothing: only keeps its core busy."""
    def script(_):
        while True:
            me.did['turns'] += 1
            for _ in range(100_000):
                pass
            yield 0.0
    me.run([script])


@attack('control-sockets', asks=('info', 'event', 'preverify'), attackers=2)
def control_sockets(me):
    """Attacks nothing: sends bytes through sockets of its own, as fast as the kernel takes them."""
    def script(_):
        left, right = socket.socketpair()
        data = b'x' * 16_384
        while True:
            for _ in range(100):
                left.sendall(data)
                me.did['KiB sent'] += len(right.recv(len(data))) / 1024
            yield 0.0
    me.run([script])
