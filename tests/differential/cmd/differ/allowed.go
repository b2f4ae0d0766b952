package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// The differences that are no fault, each with why.  A case fits only if its own
// bytes show it: test says whether they do.
type allowance struct {
	op   byte
	ours byte
	says string
	test func(body []byte, ours, theirs verdict) bool
}

var allowances = []allowance{
	{'N', 'n', "note: base64 with spare bits set (we take one spelling, as signed-note says)",
		func(body []byte, _, _ verdict) bool { _, msg := splitNote(body); return looseSig(msg) }},
	{'N', 'n', "note: two lines of one known key (which of them would count?)",
		func(body []byte, _, _ verdict) bool { k, msg := splitNote(body); return linesOf(k, msg) > 1 }},
	{'N', '?', "note: 101 to 128 signature lines (x/mod stops at 100)",
		func(body []byte, _, _ verdict) bool { _, msg := splitNote(body); return manySigs(msg) }},
	{'N', 'y', "note: 101 to 128 signature lines, ours among them",
		func(body []byte, _, _ verdict) bool { _, msg := splitNote(body); return manySigs(msg) }},
	{'N', 'n', "note: a key that is read by one of the two alone (see key)",
		func(body []byte, _, _ verdict) bool { k, _ := splitNote(body); return keyAllowed([]byte(k)) }},
	{'N', '?', "note: for a key of a cosigner, which x/mod does not know",
		func(body []byte, _, _ verdict) bool { k, _ := splitNote(body); return keyType(k) == 4 }},
	{'V', 'n', "key: its id in capitals, or base64 with spare bits set (one spelling)",
		func(body []byte, _, _ verdict) bool { return keyAllowed(body) }},
	{'V', 'y', "key: of a cosigner (x/mod knows Ed25519 signatures alone)",
		func(body []byte, _, _ verdict) bool { return keyType(string(body)) == 4 }},
	{'C', 'n', "checkpoint: base64 with spare bits set",
		func(body []byte, _, _ verdict) bool {
			l := strings.SplitN(string(body), "\n", 4)
			return len(l) == 4 && loose(l[2])
		}},
	{'C', 'n', "checkpoint: extension lines that are empty or unfinished (x/mod looks at no line after the third)",
		func(body []byte, _, _ verdict) bool {
			l := strings.SplitN(string(body), "\n", 4)
			return len(l) == 4 && l[3] != "" && (strings.HasPrefix(l[3], "\n") ||
				strings.Contains(l[3], "\n\n") || !strings.HasSuffix(l[3], "\n"))
		}},
	{'C', 'y', "checkpoint: of another origin (x/mod reads that of Go's own database alone)",
		func(body []byte, _, _ verdict) bool {
			return !bytes.HasPrefix(body, []byte("go.sum database tree\n"))
		}},
	{'C', 'y', "checkpoint: of 2^63 entries (one more than x/mod's numbers hold)",
		func(_ []byte, ours, _ verdict) bool {
			return binary.BigEndian.Uint64([]byte(ours.values)) == 1<<63
		}},
	{'T', 'y', "consistency: from the empty tree, without a path (tlog-witness; x/mod refuses size 0)",
		func(body []byte, _, _ verdict) bool {
			p := readProof(body)
			return p.a == 0 && len(p.path) == 0 && p.ha == emptyRoot
		}},
	{'P', 'n', "tile path: a level above 7 (no tree of 64-bit sizes has one)",
		func(_ []byte, _, theirs verdict) bool { return theirs.values[0] > 7 && theirs.values[0] < 255 }},
	{'T', 'y', "consistency: of more entries than x/mod's numbers hold",
		func(body []byte, _, _ verdict) bool { return readProof(body).b > most }},
	{'I', 'y', "inclusion: of more entries than x/mod's numbers hold",
		func(body []byte, _, _ verdict) bool { return readProof(body).b > most }},
}

func allowed(op byte, body []byte, ours, theirs verdict) string {
	for _, a := range allowances {
		if a.op == op && a.ours == ours.says && a.test(body, ours, theirs) {
			return a.says
		}
	}
	return ""
}

const most = 1 << 62

var emptyRoot, _ = tlog.ParseHash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")

// Base64 that Go takes and that is not the one spelling of what it says.
func loose(s string) bool {
	b, err := base64.StdEncoding.DecodeString(s)
	return err == nil && base64Of(b) != s
}

func sigLines(msg []byte) []string {
	i := bytes.LastIndex(msg, []byte("\n\n"))
	if i < 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(msg[i+2:]), "\n"), "\n")
}

func looseSig(msg []byte) bool {
	for _, l := range sigLines(msg) {
		if f := strings.SplitN(l, " ", 3); len(f) == 3 && loose(f[2]) {
			return true
		}
	}
	return false
}

func linesOf(vkey string, msg []byte) int {
	f := strings.SplitN(vkey, "+", 3)
	n := 0
	for _, l := range sigLines(msg) {
		p := strings.SplitN(l, " ", 3)
		if len(p) != 3 || p[1] != f[0] {
			continue
		}
		b, err := base64.StdEncoding.DecodeString(p[2])
		key, err2 := base64.StdEncoding.DecodeString(f[2])
		if err == nil && err2 == nil && len(b) > 4 && len(key) > 0 &&
			binary.BigEndian.Uint32(b) == idOf(f[0], key) {
			n++
		}
	}
	return n
}

func manySigs(msg []byte) bool { n := len(sigLines(msg)); return n > 100 && n <= 128 }

func keyType(vkey string) int {
	f := strings.SplitN(vkey, "+", 3)
	if len(f) != 3 {
		return -1
	}
	b, err := base64.StdEncoding.DecodeString(f[2])
	if err != nil || len(b) == 0 {
		return -1
	}
	return int(b[0])
}

func keyAllowed(vkey []byte) bool {
	f := strings.SplitN(string(vkey), "+", 3)
	return len(f) == 3 && (loose(f[2]) || f[1] != strings.ToLower(f[1]))
}
