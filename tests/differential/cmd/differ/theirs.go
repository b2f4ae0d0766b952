package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var names = map[byte]string{'N': "note", 'V': "key", 'C': "checkpoint", 'P': "tile path",
	'I': "inclusion", 'T': "consistency"}

// What x/mod makes of it.
var judges = map[byte]func([]byte) verdict{'N': theirNote, 'V': theirKey,
	'C': theirCheckpoint, 'P': theirTile, 'I': theirInclusion, 'T': theirConsistency}

var no = verdict{'n', ""}

func splitNote(body []byte) (string, []byte) {
	n := int(binary.BigEndian.Uint16(body))
	return string(body[2 : 2+n]), body[2+n:]
}

func theirNote(body []byte) verdict {
	vkey, msg := splitNote(body)
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return no
	}
	n, err := note.Open(msg, note.VerifierList(v))
	var unknown *note.UnverifiedNoteError
	switch {
	case err == nil:
		return verdict{'y', n.Text}
	case errors.As(err, &unknown):
		return verdict{'?', unknown.Note.Text}
	default:
		return no
	}
}

func theirKey(body []byte) verdict {
	v, err := note.NewVerifier(string(body))
	if err != nil {
		return no
	}
	values := binary.BigEndian.AppendUint32([]byte{1}, v.KeyHash())
	return verdict{'y', string(values) + v.Name()}
}

func theirCheckpoint(body []byte) verdict {
	t, err := tlog.ParseTree(body)
	if err != nil {
		return no
	}
	return verdict{'y', string(binary.BigEndian.AppendUint64(nil, uint64(t.N))) +
		string(t.Hash[:])}
}

// "tile/0/..." is "tile/8/0/..." there, and entries are "data".
func theirTile(body []byte) verdict {
	rest, ok := strings.CutPrefix(string(body), "tile/")
	if !ok {
		return no
	}
	if strings.HasPrefix(rest, "data/") {
		return no
	}
	if s, ok := strings.CutPrefix(rest, "entries/"); ok {
		rest = "data/" + s
	}
	t, err := tlog.ParseTilePath("tile/8/" + rest)
	if err != nil {
		return no
	}
	level := byte(t.L)
	if t.L < 0 {
		level = 255
	}
	values := binary.BigEndian.AppendUint64([]byte{level}, uint64(t.N))
	return verdict{'y', string(binary.BigEndian.AppendUint16(values, uint16(t.W)))}
}

// The two numbers and hashes, then the path.
type proof struct {
	a, b   uint64
	ha, hb tlog.Hash
	path   []tlog.Hash
}

func readProof(body []byte) proof {
	p := proof{a: binary.BigEndian.Uint64(body), b: binary.BigEndian.Uint64(body[8:])}
	copy(p.ha[:], body[16:])
	copy(p.hb[:], body[48:])
	for at := body[80:]; len(at) >= tlog.HashSize; at = at[tlog.HashSize:] {
		p.path = append(p.path, tlog.Hash(at[:tlog.HashSize]))
	}
	return p
}

func (p proof) bytes() []byte {
	b := binary.BigEndian.AppendUint64(nil, p.a)
	b = binary.BigEndian.AppendUint64(b, p.b)
	b = append(append(b, p.ha[:]...), p.hb[:]...)
	for _, h := range p.path {
		b = append(b, h[:]...)
	}
	return b
}

func theirInclusion(body []byte) verdict {
	p := readProof(body)
	if p.a > most || p.b > most || tlog.CheckRecord(p.path, int64(p.b), p.hb, int64(p.a), p.ha) != nil {
		return no
	}
	return verdict{'y', ""}
}

func theirConsistency(body []byte) verdict {
	p := readProof(body)
	if p.a > most || p.b > most || tlog.CheckTree(p.path, int64(p.b), p.hb, int64(p.a), p.ha) != nil {
		return no
	}
	return verdict{'y', ""}
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
