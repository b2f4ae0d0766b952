package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const leaves = 3000

// What true questions are made of: keys, and a tree with every hash of it.
type world struct {
	hashes []tlog.Hash // as tlog stores them
	roots  [leaves + 1]tlog.Hash
	vkeys  []string
	skeys  []note.Signer
	cosign string // a key of a cosigner
}

func idOf(name string, key []byte) uint32 {
	h := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(h[:])
}

func vkeyOf(name string, key []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, idOf(name, key), base64Of(key))
}

func newWorld() *world {
	w := &world{}
	for i := range leaves {
		h, err := tlog.StoredHashes(int64(i), []byte(fmt.Sprint("entry ", i)), w)
		must(err)
		w.hashes = append(w.hashes, h...)
	}
	for i, name := range []string{"a.example", "go.sum database tree"[:6], "ключ/b"} {
		seed := sha256.Sum256([]byte{byte(i)})
		private := ed25519.NewKeyFromSeed(seed[:])
		public := append([]byte{1}, private.Public().(ed25519.PublicKey)...)
		s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name,
			idOf(name, public), base64Of(append([]byte{1}, seed[:]...))))
		must(err)
		w.skeys = append(w.skeys, s)
		w.vkeys = append(w.vkeys, vkeyOf(name, public))
		w.cosign = vkeyOf(name, append([]byte{4}, public[1:]...))
	}
	return w
}

func (w *world) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = w.hashes[n]
	}
	return out, nil
}

func (w *world) root(n int64) tlog.Hash {
	if w.roots[n] == (tlog.Hash{}) {
		h, err := tlog.TreeHash(n, w)
		must(err)
		w.roots[n] = h
	}
	return w.roots[n]
}

func (w *world) question(r *rand.Rand) (byte, []byte) {
	switch r.IntN(12) {
	case 0, 1:
		return 'N', w.note(r)
	case 2:
		return 'V', bend(r, []byte(w.vkey(r)))
	case 3:
		return 'C', bend(r, []byte(checkpoint(r)))
	case 4:
		return 'P', bend(r, []byte(tilePath(r)))
	case 5, 6:
		return 'I', bendProof(r, w.inclusion(r))
	case 7:
		return 'I', bendProof(r, largeInclusion(r))
	case 8:
		return 'T', bendProof(r, largeConsistency(r))
	default:
		return 'T', bendProof(r, w.consistency(r))
	}
}

// ---- texts

var scraps = []string{"\n", "\n\n", "— ", " ", "+", "\x00", "\x7f", "\x85", "\u0085", "\u00a0",
	"\u2003", "\ufeff", "\r\n", "=", "==", "A", "0", "-", "x", "/", ".p/", "00", "\xc3", "\xed\xa0\x80",
	"9223372036854775807", "9223372036854775808", "18446744073709551616", "go.sum database tree\n"}

// bend leaves about a third as it is and changes the rest in one to four places.
func bend(r *rand.Rand, b []byte) []byte {
	if r.IntN(3) == 0 {
		return b
	}
	b = append([]byte(nil), b...)
	for range 1 + r.IntN(4) {
		if len(b) == 0 {
			b = []byte(scraps[r.IntN(len(scraps))])
			continue
		}
		i, n := r.IntN(len(b)), 0
		if r.IntN(2) == 0 {
			n = r.IntN(min(8, len(b)-i) + 1)
		}
		switch r.IntN(9) {
		case 0:
			b[i] ^= 1 << r.IntN(8)
		case 1:
			b[i] = byte(r.IntN(256))
		case 2:
			b = append(b[:i:i], b[i+n:]...)
		case 3:
			b = append(b[:i:i], append([]byte(scraps[r.IntN(len(scraps))]), b[i:]...)...)
		case 4: // a piece twice
			j := i + r.IntN(len(b)-i) + 1
			b = append(b[:j:j], append(append([]byte(nil), b[i:j]...), b[j:]...)...)
		case 5:
			b = b[:i]
		case 6: // a letter of base64 or a digit one on
			b[i]++
		case 7: // two lines change places
			l := strings.Split(string(b), "\n")
			p, q := r.IntN(len(l)), r.IntN(len(l))
			l[p], l[q] = l[q], l[p]
			b = []byte(strings.Join(l, "\n"))
		case 8: // the case of a letter
			b[i] ^= 0x20
		}
	}
	return b
}

func (w *world) vkey(r *rand.Rand) string {
	if r.IntN(8) == 0 {
		return w.cosign
	}
	if r.IntN(8) == 0 { // of any type and length
		key := make([]byte, 1+r.IntN(40))
		for i := range key {
			key[i] = byte(r.IntN(256))
		}
		key[0] = byte(r.IntN(8))
		return vkeyOf(strings.Repeat("n", 1+r.IntN(250)), key)
	}
	return w.vkeys[r.IntN(len(w.vkeys))]
}

func checkpoint(r *rand.Rand) string {
	var h tlog.Hash
	for i := range h {
		h[i] = byte(r.IntN(256))
	}
	size := fmt.Sprint(r.Int64() >> r.IntN(63))
	if r.IntN(40) == 0 {
		size = "9223372036854775808"
	}
	text := "go.sum database tree\n" + size + "\n" + h.String() + "\n"
	if r.IntN(4) == 0 {
		text += "an extension\n"
	}
	return text
}

func (w *world) note(r *rand.Rand) []byte {
	text := checkpoint(r)
	if r.IntN(4) == 0 {
		text = "text\n\nof any kind\n"
	}
	n := &note.Note{Text: text}
	var by []note.Signer
	for _, s := range w.skeys {
		if r.IntN(2) == 0 {
			by = append(by, s)
		}
	}
	if len(by) == 0 {
		by = w.skeys[:1]
	}
	msg, err := note.Sign(n, by...)
	must(err)
	if r.IntN(64) == 0 { // about as many lines as anybody takes
		line := []byte("— z.example " + base64Of([]byte("abcd and more")) + "\n")
		for range 90 + r.IntN(45) {
			msg = append(msg, line...)
		}
	}
	if r.IntN(16) == 0 { // the last line twice
		i := strings.LastIndex(strings.TrimSuffix(string(msg), "\n"), "\n")
		msg = append(msg, msg[i+1:]...)
	}
	msg = bend(r, msg)
	k := w.vkeys[r.IntN(len(w.vkeys))]
	if r.IntN(16) == 0 {
		k = string(bend(r, []byte(w.vkey(r))))
	}
	return append(append(binary.BigEndian.AppendUint16(nil, uint16(len(k))), k...), msg...)
}

func tilePath(r *rand.Rand) string {
	t := tlog.Tile{H: 8, L: r.IntN(8), N: r.Int64() >> (8 + r.IntN(55)), W: 256}
	if r.IntN(2) == 0 {
		t.W = 1 + r.IntN(255)
	}
	if r.IntN(4) == 0 {
		t.L = -1
	}
	p := strings.TrimPrefix(t.Path(), "tile/8/")
	return "tile/" + strings.Replace(p, "data/", "entries/", 1)
}

// ---- proofs

func (w *world) inclusion(r *rand.Rand) proof {
	size := 1 + r.Int64N(leaves)
	if r.IntN(3) == 0 {
		size = 1 << r.IntN(12)
	}
	at := r.Int64N(size)
	path, err := tlog.ProveRecord(size, at, w)
	must(err)
	return proof{uint64(at), uint64(size), w.hashes[tlog.StoredHashIndex(0, at)], w.root(size), path}
}

func (w *world) consistency(r *rand.Rand) proof {
	size := 1 + r.Int64N(leaves)
	if r.IntN(3) == 0 {
		size = 1 << r.IntN(12)
	}
	from := 1 + r.Int64N(size)
	if r.IntN(4) == 0 {
		from = min(size, 1<<r.IntN(12))
	}
	if r.IntN(32) == 0 {
		return proof{0, uint64(size), emptyRoot, w.root(size), nil}
	}
	path, err := tlog.ProveTree(size, from, w)
	must(err)
	return proof{uint64(from), uint64(size), w.root(from), w.root(size), path}
}

func some(r *rand.Rand) (h tlog.Hash) {
	for i := 0; i < len(h); i += 8 {
		binary.BigEndian.PutUint64(h[i:], r.Uint64())
	}
	return h
}

// Trees of up to 2^62 entries of which only a path is known: RFC 6962 2.1.1 and 2.1.2
// as they stand there, with any hashes for what the path does not go through.
func largeInclusion(r *rand.Rand) proof {
	size := 1 + r.Uint64()>>(2+r.IntN(60))
	p := proof{a: r.Uint64N(size), b: size, ha: some(r)}
	p.hb, p.path = grow(r, p.a, size, p.ha)
	return p
}

func grow(r *rand.Rand, at, size uint64, leaf tlog.Hash) (tlog.Hash, []tlog.Hash) {
	if size == 1 {
		return leaf, nil
	}
	k, other := half(size), some(r)
	if at < k {
		h, path := grow(r, at, k, leaf)
		return tlog.NodeHash(h, other), append(path, other)
	}
	h, path := grow(r, at-k, size-k, leaf)
	return tlog.NodeHash(other, h), append(path, other)
}

// The largest power of two below size.
func half(size uint64) uint64 { return 1 << (bits.Len64(size-1) - 1) }

func largeConsistency(r *rand.Rand) proof {
	size := 1 + r.Uint64()>>(2+r.IntN(60))
	p := proof{a: 1 + r.Uint64N(size), b: size}
	if r.IntN(3) == 0 {
		p.a = 1 << r.IntN(bits.Len64(size))
	}
	p.ha, p.hb, p.path = subproof(r, p.a, size, true, some(r))
	return p
}

// The root of the first m, that of all, and SUBPROOF; `whole` is RFC 6962's b.
func subproof(r *rand.Rand, m, size uint64, whole bool, h tlog.Hash) (tlog.Hash, tlog.Hash, []tlog.Hash) {
	if m == size {
		if whole {
			return h, h, nil
		}
		return h, h, []tlog.Hash{h}
	}
	k, other := half(size), some(r)
	if m <= k {
		older, newer, path := subproof(r, m, k, whole, h)
		return older, tlog.NodeHash(newer, other), append(path, other)
	}
	older, newer, path := subproof(r, m-k, size-k, false, h)
	return tlog.NodeHash(other, older), tlog.NodeHash(other, newer), append(path, other)
}

// bendProof leaves a third as it is.
func bendProof(r *rand.Rand, p proof) []byte {
	if r.IntN(3) == 0 {
		return p.bytes()
	}
	p.path = append([]tlog.Hash(nil), p.path...)
	for range 1 + r.IntN(2) {
		n := len(p.path)
		switch r.IntN(13) {
		case 0:
			p.a += uint64(r.IntN(5)) - 2
		case 1:
			p.b += uint64(r.IntN(5)) - 2
		case 2:
			p.a ^= 1 << r.IntN(62)
		case 3:
			p.b ^= 1 << r.IntN(62)
		case 4:
			p.ha[r.IntN(32)] ^= 1 << r.IntN(8)
		case 5:
			p.hb[r.IntN(32)] ^= 1 << r.IntN(8)
		case 6:
			if n > 0 {
				p.path[r.IntN(n)][r.IntN(32)] ^= 1 << r.IntN(8)
			}
		case 7:
			if n > 0 {
				i := r.IntN(n)
				p.path = append(p.path[:i], p.path[i+1:]...)
			}
		case 8:
			i := r.IntN(n + 1)
			p.path = append(p.path[:i:i], append([]tlog.Hash{some(r)}, p.path[i:]...)...)
		case 9:
			if n > 1 {
				i, j := r.IntN(n), r.IntN(n)
				p.path[i], p.path[j] = p.path[j], p.path[i]
			}
		case 10:
			p.ha, p.hb = p.hb, p.ha
		case 11:
			p.path = append(p.path, p.path...)
		case 12:
			p.a = p.b
			if r.IntN(2) == 0 {
				p.hb = p.ha
			}
		}
	}
	return p.bytes()
}
