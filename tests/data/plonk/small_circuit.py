#!/usr/bin/env python3
"""Makes small_circuit.txt: verifier data of a circuit of 15 gates, and a proof of each version for the same witnesses.

A prover by docs/reference/phoenix-and-plonk.md 5, written from that page alone and in integers, so it shares nothing with the verifier that it tests.
Its reference string has a known secret, so a commitment is one product. Every kind of gate occurs in a row that satisfies it.
"""
import hashlib

R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
D_J = -10240 * pow(10241, -1, R) % R
LABEL = b"small circuit"
K = (1, 7, 13, 17)


def scalar(name):
    return int.from_bytes(hashlib.blake2b(name.encode()).digest(), "little") % R


TAU = scalar("tau of a small circuit")


# Curves. A field element is an int (Fp) or a pair (Fp2).
def fp_inverse(x):
    return pow(x, -1, P)


def mul2(x, y):
    return (x[0] * y[0] - x[1] * y[1]) % P, (x[0] * y[1] + x[1] * y[0]) % P


class Fp:
    add = staticmethod(lambda x, y: (x + y) % P)
    sub = staticmethod(lambda x, y: (x - y) % P)
    mul = staticmethod(lambda x, y: x * y % P)
    inv = staticmethod(fp_inverse)


class Fp2:
    add = staticmethod(lambda x, y: ((x[0] + y[0]) % P, (x[1] + y[1]) % P))
    sub = staticmethod(lambda x, y: ((x[0] - y[0]) % P, (x[1] - y[1]) % P))
    mul = staticmethod(mul2)

    @staticmethod
    def inv(x):
        norm = fp_inverse((x[0] * x[0] + x[1] * x[1]) % P)
        return x[0] * norm % P, -x[1] * norm % P


def plus(f, p, q):
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if p[1] != q[1]:
            return None
        square = f.mul(p[0], p[0])
        slope = f.mul(f.add(square, f.add(square, square)), f.inv(f.add(p[1], p[1])))
    else:
        slope = f.mul(f.sub(q[1], p[1]), f.inv(f.sub(q[0], p[0])))
    x = f.sub(f.sub(f.mul(slope, slope), p[0]), q[0])
    return x, f.sub(f.mul(slope, f.sub(p[0], x)), p[1])


def times(f, scalar_, p):
    out = None
    while scalar_:
        if scalar_ & 1:
            out = plus(f, out, p)
        p, scalar_ = plus(f, p, p), scalar_ >> 1
    return out


G1 = (0x17F1D3A73197D7942695638C4FA9AC0FC3688C4F9774B905A14E3A3F171BAC586C55E83FF97A1AEFFB3AF00ADB22C6BB,
      0x08B3F481E3AAA0F1A09E30ED741D8AE4FCF5E095D5D00AF600DB18CB2C04B3EDD03CC744A2888AE40CAA232946C5E7E1)
G2 = ((0x024AA2B2F08F0A91260805272DC51051C6E47AD4FA403B02B4510B647AE3D1770BAC0326A805BBEFD48056C8C121BDB8,
       0x13E02B6052719F607DACD3A088274F65596BD0D09920B61AB5DA61BBDC7F5049334CF11213945D57E5AC7D055D042B7E),
      (0x0CE5D527727D6E118CC9CDC6DA2E351AADFD9BAA8CBDD3A76D429A695160D12C923AC9CC3BACA289E193548608B82801,
       0x0606C4A02EA734CC32ACD2B02BC28B99CB3E287E85A763AF267492AB572E99AB3F370D275CEC1DA1AAA9075FF05F79BE))


def g1_bytes(p):
    if p is None:
        return b"\xc0" + bytes(47)
    out = bytearray(p[0].to_bytes(48, "big"))
    out[0] |= 0x80 | (0x20 if 2 * p[1] > P else 0)
    return bytes(out)


def g2_bytes(p):
    (x0, x1), (y0, y1) = p
    out = bytearray(x1.to_bytes(48, "big") + x0.to_bytes(48, "big"))
    out[0] |= 0x80 | (0x20 if (2 * y1 > P if y1 else 2 * y0 > P) else 0)
    return bytes(out)


# Keccak-f[1600], STROBE and Merlin.
def rotate(x, by):
    return (x << by | x >> (64 - by)) & (1 << 64) - 1 if by else x


def keccak(lanes):
    shift = 1
    for _ in range(24):
        parity = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        lanes = [lanes[i] ^ parity[(i + 4) % 5] ^ rotate(parity[(i + 1) % 5], 1) for i in range(25)]
        x, y, moving = 1, 0, lanes[1]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lanes[x + 5 * y], moving = rotate(moving, (t + 1) * (t + 2) // 2 % 64), lanes[x + 5 * y]
        lanes = [lanes[i] ^ ~lanes[i // 5 * 5 + (i + 1) % 5] & lanes[i // 5 * 5 + (i + 2) % 5] & (1 << 64) - 1
                 for i in range(25)]
        for j in range(7):
            if shift & 1:
                lanes[0] ^= 1 << (1 << j) - 1
            shift = shift << 1 ^ (shift >> 7) * 0x171
    return lanes


class Transcript:
    def __init__(self, label):
        self.state, self.pos, self.begin = bytearray(b"\x01\xa8\x01\x00\x01\x60STROBEv1.0.2".ljust(200, b"\0")), 0, 0
        self.permute()
        self.operate(0x12, b"Merlin v1.0")
        self.append("dom-sep", label)

    def permute(self):
        lanes = keccak([int.from_bytes(self.state[i:i + 8], "little") for i in range(0, 200, 8)])
        self.state = bytearray(b"".join(x.to_bytes(8, "little") for x in lanes))

    def run(self):
        self.state[self.pos] ^= self.begin
        self.state[self.pos + 1] ^= 4
        self.state[167] ^= 0x80
        self.permute()
        self.pos = self.begin = 0

    def absorb(self, data):
        for byte in data:
            self.state[self.pos] ^= byte
            self.pos += 1
            if self.pos == 166:
                self.run()

    def operate(self, flags, data=b""):
        old, self.begin = self.begin, self.pos + 1
        self.absorb(bytes([old, flags]))
        if flags & 4 and self.pos:
            self.run()
        self.absorb(data)

    def append(self, label, message):
        self.operate(0x12, label.encode() + len(message).to_bytes(4, "little"))
        self.operate(2, message)

    def number(self, label, n):
        self.append(label, n.to_bytes(8, "little"))

    def scalar(self, label, x):
        self.append(label, x.to_bytes(32, "little"))

    def challenge(self, label):
        self.operate(0x12, label.encode() + (64).to_bytes(4, "little"))
        self.operate(7)
        out = bytearray()
        for _ in range(64):
            out.append(self.state[self.pos])
            self.state[self.pos] = 0
            self.pos += 1
            if self.pos == 166:
                self.run()
        return int.from_bytes(out, "little") % R


# Polynomials: lists of coefficients.
def at(poly, x):
    out = 0
    for c in reversed(poly):
        out = (out * x + c) % R
    return out


def interpolate(values, omega):
    n = len(values)
    inverse, share = pow(omega, -1, R), pow(n, -1, R)
    return [at(values, pow(inverse, i, R)) * share % R for i in range(n)]


def root(log_n):
    return pow(pow(7, (R - 1) >> 32, R), 1 << (32 - log_n), R)


def sum_of(*terms):
    out = [0] * max(len(p) for _, p in terms)
    for factor, poly in terms:
        for i, c in enumerate(poly):
            out[i] = (out[i] + factor * c) % R
    return out


def quotient(poly, x):
    out, carry = [], 0
    for c in reversed(poly[1:]):
        carry = (carry * x + c) % R
        out.append(carry)
    return out[::-1]


def commit(poly):
    return g1_bytes(times(Fp, at(poly, TAU), G1))


# The circuit.
SELECTORS = ("m", "l", "r", "o", "f", "c", "arith", "range", "logic", "fixed", "var")
gates, wires, witnesses, inputs = [], [], [], {}


def witness(value):
    witnesses.append(value % R)
    return len(witnesses) - 1


def gate(wires_abcd, public=None, **selectors):
    if public is not None:
        inputs[len(gates)] = public % R
    gates.append({s: selectors.get(s, 0) % R for s in SELECTORS})
    wires.append(wires_abcd)


def jubjub_sum(p, q):
    product = D_J * p[0] * q[0] * p[1] * q[1]
    return ((p[0] * q[1] + p[1] * q[0]) * pow(1 + product, -1, R) % R,
            (p[1] * q[1] + p[0] * q[0]) * pow(1 - product, -1, R) % R)


GENERATOR = (0x3FD2814C43AC65A6F1FBF02D0FD6CCE62E3EBB21FD6C54ED4DF7B7FFEC7BEACA, 0x12)


def build():
    zero, x, y = witness(0), witness(5), witness(11)
    z = witness(2 * 5 * 11 + 3 * 5 + 11 + 4 + 9)
    gate((x, y, z, zero), arith=1, m=2, l=3, r=1, o=-1, c=4, public=9)  # 2xy + 3x + y - z + 4 + 9 = 0
    gate((z, zero, zero, zero), arith=1, l=-1, public=witnesses[z])
    bits = 0b1101100011100100  # eight numbers of two bits each, the highest on wire C of the first row
    acc = [witness(bits >> (16 - 2 * i)) for i in range(9)]
    gate((acc[3], acc[2], acc[1], acc[0]), range=1)
    gate((acc[7], acc[6], acc[5], acc[4]), range=1)
    gate((zero, zero, zero, acc[8]))
    left, right = (3, 3 * 4 + 1), (2, 2 * 4 + 3)  # accumulators before and after the numbers 1 and 3
    gate((witness(left[0]), witness(right[0]), witness(1 * 3), witness(left[0] ^ right[0])), logic=1, c=-1)
    gate((witness(left[1]), witness(right[1]), zero, witness(left[1] ^ right[1])))
    double = jubjub_sum(GENERATOR, GENERATOR)
    triple = jubjub_sum(double, GENERATOR)
    gate((witness(double[0]), witness(double[1]), witness(GENERATOR[0]), witness(GENERATOR[1])), var=1)  # 2G + G
    u3, v3 = witness(triple[0]), witness(triple[1])
    gate((u3, v3, zero, witness(double[0] * GENERATOR[1])))
    for digit in (1, -1, 0):  # 3G + G, 3G - G, 3G
        table = (digit * GENERATOR[0] % R, GENERATOR[1] if digit else 1)
        end = jubjub_sum(triple, table)
        gate((u3, v3, witness(table[0] * table[1]), witness(6)), fixed=1, l=GENERATOR[0], r=GENERATOR[1],
             c=GENERATOR[0] * GENERATOR[1])
        gate((witness(end[0]), witness(end[1]), zero, witness(12 + digit)))


def delta(x):
    return x * (x - 1) * (x - 2) * (x - 3) % R


def range_gate(a, b, c, d, d_w, s):
    k = s * s % R
    return s * (delta(c - 4 * d) + k * delta(b - 4 * c) + k**2 * delta(a - 4 * b) + k**3 * delta(d_w - 4 * a)) % R


def logic_gate(a, b, c, d, a_w, b_w, d_w, q_c, s):
    k, w = s * s % R, c
    x, y, z = a_w - 4 * a, b_w - 4 * b, d_w - 4 * d
    f = w * (w * (4 * w - 18 * (x + y) + 81) + 18 * (x * x + y * y) - 81 * (x + y) + 83)
    last = q_c * (9 * z - 3 * (x + y)) + 3 * (x + y + z) - 2 * f
    return s * (delta(x) + k * delta(y) + k**2 * delta(z) + k**3 * (w - x * y) + k**4 * last) % R


def fixed_gate(a, b, c, d, a_w, b_w, d_w, q_l, q_r, q_c, s):
    k, bit = s * s % R, d_w - 2 * d
    ya, xa = bit * bit * (q_r - 1) + 1, bit * q_l
    return s * (bit * (bit - 1) * (bit + 1) + k * (bit * q_c - c) +
                k**2 * (a_w + a_w * c * a * b * D_J - xa * b - ya * a) +
                k**3 * (b_w - b_w * c * a * b * D_J - xa * a - ya * b)) % R


def var_gate(a, b, c, d, a_w, b_w, d_w, s):
    k = s * s % R
    return s * ((a * d - d_w) + k * (d_w + b * c - a_w - a_w * D_J * d_w * b * c) +
                k**2 * (b * d + a * c - b_w + b_w * D_J * d_w * b * c)) % R


def prove(version, n, log_n, polys):
    """The steps of 5.4. `polys`: the selectors by name and the sigmas as a list."""
    omega, count = root(log_n), len(gates)
    sel, sigma = polys
    transcript = Transcript(LABEL)

    def size():
        transcript.append("dom-sep", b"circuit_size")
        transcript.number("n", count)

    size()
    for name, key in (("q_m", "m"), ("q_l", "l"), ("q_r", "r"), ("q_o", "o"), ("q_c", "c"), ("q_f", "f"),
                      ("q_arith", "arith"), ("q_range", "range"), ("q_logic", "logic"),
                      ("q_variable_group_add", "var"), ("q_fixed_group_add", "fixed")):
        transcript.append(name, commit(sel[key]))
    for j in range(3):
        transcript.append(f"s_sigma_{j + 1}", commit(sigma[j]))
    transcript.append("s_sigma_4", commit(sigma[3 if version == 3 else 0]))
    size()
    for row in sorted(inputs):
        transcript.scalar("pi", inputs[row])

    draws = iter(range(14))

    def blind(values, hiding):
        out = interpolate(values, omega)
        for i in range(hiding + 1):
            b = scalar(f"draw {next(draws)}")
            out[i] = (out[i] - b) % R
            out.append(b)
        return out

    columns = [[witnesses[wires[i][j]] if i < count else 0 for i in range(n)] for j in range(4)]
    w = [blind(column, 1) for column in columns]
    out = [commit(p) for p in w]
    for name, c in zip("abcd", out):
        transcript.append(f"{name}_comm", c)
    beta = transcript.challenge("beta")
    transcript.scalar("beta", beta)
    gamma = transcript.challenge("gamma")

    values = [1]
    for i in range(n - 1):
        x, top, bottom = pow(omega, i, R), values[-1], 1
        for j in range(4):
            top = top * (columns[j][i] + beta * K[j] * x + gamma) % R
            bottom = bottom * (columns[j][i] + beta * at(sigma[j], x) + gamma) % R
        values.append(top * pow(bottom, -1, R) % R)
    z = blind(values, 2)
    out.append(commit(z))
    transcript.append("z_comm", out[-1])
    alpha = transcript.challenge("alpha")
    by = {s: transcript.challenge(f"{s} separation challenge")
          for s in ("range", "logic", "fixed base", "variable base")}

    pi = interpolate([inputs.get(i, 0) for i in range(n)], omega)
    first = interpolate([1] + [0] * (n - 1), omega)

    def gate_parts(x, y):
        """The brackets of the selectors at x; y is the next row."""
        a, b, c, d = (at(p, x) for p in w)
        a_w, b_w, d_w = at(w[0], y), at(w[1], y), at(w[3], y)
        q_l, q_r, q_c = at(sel["l"], x), at(sel["r"], x), at(sel["c"], x)
        return (range_gate(a, b, c, d, d_w, by["range"]), logic_gate(a, b, c, d, a_w, b_w, d_w, q_c, by["logic"]),
                fixed_gate(a, b, c, d, a_w, b_w, d_w, q_l, q_r, q_c, by["fixed base"]),
                var_gate(a, b, c, d, a_w, b_w, d_w, by["variable base"]))

    def identity(x):
        a, b, c, d = (at(p, x) for p in w)
        q = {s: at(p, x) for s, p in sel.items()}
        total = q["arith"] * (q["m"] * a * b + q["l"] * a + q["r"] * b + q["o"] * c + q["f"] * d + q["c"]) + at(pi, x)
        total += sum(q[s] * part for s, part in zip(("range", "logic", "fixed", "var"), gate_parts(x, x * omega % R)))
        top = bottom = alpha
        for j, value in enumerate((a, b, c, d)):
            top = top * (value + beta * K[j] * x + gamma) % R
            bottom = bottom * (value + beta * at(sigma[j], x) + gamma) % R
        here, there = at(z, x), at(z, x * omega % R)
        return (total + top * here - bottom * there + alpha * alpha * at(first, x) * (here - 1)) % R

    big = root(log_n + 3)
    points = [7 * pow(big, i, R) % R for i in range(8 * n)]
    t = interpolate([identity(x) * pow(pow(x, n, R) - 1, -1, R) % R for x in points], big)
    t = [c * pow(7, -i, R) % R for i, c in enumerate(t)]
    assert not any(t[4 * n + 7:]), "the witnesses do not satisfy the circuit"
    b12, b13, b14 = (scalar(f"draw {next(draws)}") for _ in range(3))
    parts = [t[:n] + [b12], t[n:2 * n] + [b13], t[2 * n:3 * n] + [b14], t[3 * n:4 * n + 7]]
    for part, b in zip(parts[1:], (b12, b13, b14)):
        part[0] = (part[0] - b) % R
    for name, part in zip(("low", "mid", "high", "fourth"), parts):
        out.append(commit(part))
        transcript.append(f"t_{name}_comm", out[-1])
    zeta = transcript.challenge("z_challenge")

    after = zeta * omega % R
    a, b, c, d = (at(p, zeta) for p in w)
    s1, s2, s3 = (at(p, zeta) for p in sigma[:3])
    q = {s: at(sel[s], zeta) for s in ("arith", "c", "l", "r")}
    z_w, a_w, b_w, d_w = at(z, after), at(w[0], after), at(w[1], after), at(w[3], after)
    for name, value in (("a", a), ("b", b), ("c", c), ("d", d), ("s_sigma_1", s1), ("s_sigma_2", s2), ("s_sigma_3", s3),
                        ("z", z_w), ("a_w", a_w), ("b_w", b_w), ("d_w", d_w), ("q_arith", q["arith"]),
                        ("q_c", q["c"]), ("q_l", q["l"]), ("q_r", q["r"])):
        transcript.scalar(f"{name}_eval", value)
    v, v_w = transcript.challenge("v_challenge"), transcript.challenge("v_w_challenge")

    top = alpha
    for j, value in enumerate((a, b, c, d)):
        top = top * (value + beta * K[j] * zeta + gamma) % R
    bottom = alpha * beta * z_w * (a + beta * s1 + gamma) * (b + beta * s2 + gamma) * (c + beta * s3 + gamma) % R
    on_range, on_logic, on_fixed, on_var = gate_parts(zeta, after)
    zh, to_n = pow(zeta, n, R) - 1, pow(zeta, n, R)
    r = sum_of((q["arith"] * a * b, sel["m"]), (q["arith"] * a, sel["l"]), (q["arith"] * b, sel["r"]),
               (q["arith"] * c, sel["o"]), (q["arith"] * d, sel["f"]), (q["arith"], sel["c"]), (on_range, sel["range"]),
               (on_logic, sel["logic"]), (on_fixed, sel["fixed"]), (on_var, sel["var"]),
               (top + alpha * alpha * at(first, zeta), z), (-bottom, sigma[3]),
               *((-zh * pow(to_n, i, R), part) for i, part in enumerate(parts)))
    opened = [r, *w, *sigma[:3]] + ([sel[s] for s in ("arith", "c", "l", "r")] if version > 1 else [])
    out.append(commit(quotient(sum_of(*((pow(v, i, R), p) for i, p in enumerate(opened))), zeta)))
    out.append(commit(quotient(sum_of(*((pow(v_w, i, R), p) for i, p in enumerate((z, w[0], w[1], w[3])))), after)))
    evaluations = (a, b, c, d, a_w, b_w, d_w, q["arith"], q["c"], q["l"], q["r"], s1, s2, s3, z_w)
    return b"".join(out) + b"".join(e.to_bytes(32, "little") for e in evaluations)


def main():
    build()
    count = len(gates)
    log_n = (count - 1).bit_length()
    n = 1 << log_n
    omega = root(log_n)
    sel = {s: interpolate([gates[i][s] if i < count else 0 for i in range(n)], omega) for s in SELECTORS}
    cells = {}
    for i, row in enumerate(wires):
        for j, index in enumerate(row):
            cells.setdefault(index, []).append((j, i))
    target = {(j, i): (j, i) for j in range(4) for i in range(n)}
    for cycle in cells.values():
        for here, there in zip(cycle, cycle[1:] + cycle[:1]):
            target[here] = there
    sigma = [interpolate([K[target[j, i][0]] * pow(omega, target[j, i][1], R) % R for i in range(n)], omega)
             for j in range(4)]

    key = count.to_bytes(8, "little")
    for s in ("m", "l", "r", "o", "f", "c", "arith", "logic", "range", "fixed", "var"):
        key += commit(sel[s])
    key += b"".join(commit(s) for s in sigma) + bytes(240)
    opening = g1_bytes(G1) + g2_bytes(G2) + g2_bytes(times(Fp2, TAU, G2))
    head = (len(LABEL), len(key), len(opening), len(inputs), n, count)
    data = b"".join(x.to_bytes(8, "big") for x in head) + LABEL + key + opening
    data += b"".join(row.to_bytes(8, "big") for row in sorted(inputs))
    print(data.hex())
    public = b"".join(inputs[row].to_bytes(32, "little") for row in sorted(inputs)).hex()
    for version in (1, 2, 3):
        print(version, prove(version, n, log_n, (sel, sigma)).hex(), public)


if __name__ == "__main__":
    main()
