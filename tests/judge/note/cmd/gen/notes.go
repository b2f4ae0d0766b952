package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"judge/note"
)

// party has one key; type 1 signs notes, type 4 cosigns checkpoints.
type party struct {
	Name string `json:"name"`
	VKey string `json:"vkey"`
	SKey string `json:"skey"`
	kind byte
	key  ed25519.PrivateKey
	id   uint32
}

func newParty(name string, kind byte) party {
	seed := sha256.Sum256([]byte("vector key " + name))
	key := ed25519.NewKeyFromSeed(seed[:])
	typed := append([]byte{kind}, key.Public().(ed25519.PublicKey)...)
	id := judge.KeyID(name, typed)
	secret := base64.StdEncoding.EncodeToString(append([]byte{kind}, seed[:]...))
	p := party{name, judge.VKey(name, typed),
		fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, id, secret), kind, key, id}
	if kind == 1 { // the note package must agree with what is written here
		_, err := note.NewSigner(p.SKey)
		must(err)
		_, err = note.NewVerifier(p.VKey)
		must(err)
	}
	return p
}

func (p party) line(text string, when uint64) string {
	sig := binary.BigEndian.AppendUint32(nil, p.id)
	if p.kind == 4 {
		sig = binary.BigEndian.AppendUint64(sig, when)
		sig = append(sig, ed25519.Sign(p.key, judge.Cosigned(when, []byte(text)))...)
	} else {
		sig = append(sig, ed25519.Sign(p.key, []byte(text))...)
	}
	return "— " + p.Name + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
}

// verdict is what the note package says of a note: m malformed, x refused (a
// bad signature of a known key, or no good one), else how many known keys
// signed; s in front when it takes a base64 that is not canonical.
func verdict(msg []byte, known note.Verifiers) string {
	n, err := note.Open(msg, known)
	var bad *note.InvalidSignatureError
	var none *note.UnverifiedNoteError
	switch {
	case errors.As(err, &bad), errors.As(err, &none):
		if !canonical(msg) {
			return "s"
		}
		return "x"
	case err != nil:
		return "m"
	case !canonical(msg):
		return "s"
	}
	return fmt.Sprint(len(n.Sigs))
}

func canonical(msg []byte) bool {
	_, sigs, _ := strings.Cut(string(msg[bytes.LastIndex(msg, []byte("\n\n")):]), "\n\n")
	for _, l := range strings.Split(strings.TrimSuffix(sigs, "\n"), "\n") {
		b64 := l[strings.LastIndex(l, " ")+1:]
		if _, err := base64.StdEncoding.Strict().DecodeString(b64); err != nil {
			return false
		}
	}
	return true
}

type noteVector struct {
	Note  string `json:"note"` // base64: some are not UTF-8
	Go    string `json:"go"`
	Flips string `json:"flips,omitempty"` // a verdict for each single-bit change
	Why   string `json:"why"`
}

type proofVector struct {
	Entry string `json:"entry"`
	Proof string `json:"proof"`
}

type noteVectors struct {
	Keys    []party       `json:"keys"`
	Policy  string        `json:"policy"`
	Notes   []noteVector  `json:"notes"`
	Proofs  []proofVector `json:"proofs"`
	Request string        `json:"request"`
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func flips(msg string, known note.Verifiers) string {
	var all strings.Builder
	for bit := 0; bit < 8*len(msg); bit++ {
		b := []byte(msg)
		b[bit/8] ^= 1 << (bit % 8)
		all.WriteString(verdict(b, known))
	}
	return all.String()
}

func checkpoint(origin string, n int64, s store) string {
	return fmt.Sprintf("%s\n%d\n%v\n", origin, n, root(n, s))
}

func notes(s store) noteVectors {
	lg := newParty("log.example/saksi", 1)
	w1, w2 := newParty("witness.example/state", 4), newParty("saksi.example/rakyat-日", 4)
	stranger := newParty("stranger.example", 1)
	all := []party{lg, w1, w2, stranger}
	var known []note.Verifier
	for _, p := range all[:3] {
		v, err := judge.Verifier(p.VKey)
		must(err)
		known = append(known, v)
	}
	list := note.VerifierList(known...)
	v := noteVectors{Keys: all}
	v.Policy = "log " + lg.VKey + "\nwitness state " + w1.VKey + "\nwitness rakyat " +
		w2.VKey + "\ngroup both all state rakyat\nquorum both\n"

	text := checkpoint(lg.Name, 1000, s)
	cosigned := text + "\n" + lg.line(text, 0) + w1.line(text, 1774000000) +
		stranger.line(text, 0) + w2.line(text, 1774000060)
	add := func(msg, why string) {
		v.Notes = append(v.Notes, noteVector{b64(msg), verdict([]byte(msg), list), "", why})
	}
	add(cosigned, "a checkpoint with two cosignatures and a stranger's line")
	v.Notes[0].Flips = flips(cosigned, list)
	for _, t := range []string{"\n", "\n\n", "a\n\nb\n\n\nc\n", "— " + lg.Name + " AAAA\n", "日本\n"} {
		add(t+"\n"+lg.line(t, 0), "a text with empty lines, or like a signature")
	}
	sig := strings.TrimSuffix(lg.line(text, 0), "\n")
	for _, bad := range []string{"", "\n", "\n\n", text, text + "\n", text + "\n\n", "\n" + sig + "\n",
		text + sig + "\n", text + "\n" + sig, text + "\n" + sig + "\n\n", text + "\n\n" + sig + "\n",
		text + "\n" + sig + " \n", text + "\n" + sig + "\r\n", text + "\n " + sig + "\n",
		text + "\n" + strings.Replace(sig, " log", "  log", 1) + "\n",
		text + "\n" + strings.Replace(sig, "— ", "- ", 1) + "\n",
		text + "\n" + strings.Replace(sig, "— ", "—", 1) + "\n",
		text + "\n" + strings.Replace(sig, "saksi ", "saksi\u00a0", 1) + "\n",
		text + "\n" + strings.Replace(sig, "saksi ", "sa\u2003ksi ", 1) + "\n",
		text + "\n" + strings.Replace(sig, "saksi ", "sa+ksi ", 1) + "\n",
		text + "\n— x.example AAAA\n", text + "\n— x.example AAAAAA==\n", text + "\n— x.example \n",
		text + "\n— x.example\n", text + "\n— \n", text + "\n—  AAAAAAA=\n",
		text + "\n— x.example AAAAAAA=\n" + sig + "\n", text + "\n— x.example AAAAAAA\n" + sig + "\n",
		text + "\n" + sig + "\nextra\n", text + "\x00\n" + sig + "\n", text + "\t\n" + sig + "\n",
		text + "\x7f\n\n" + sig + "\n", text + "\xff\n\n" + sig + "\n", text + "\xc0\xaf\n\n" + sig + "\n",
		text + "\xed\xa0\x80\n\n" + sig + "\n", text + "\u0085\n\n" + sig + "\n"} {
		add(bad, "of a wrong shape, or signed over another text")
	}

	for _, at := range []int64{0, 1, 499, 999} {
		p := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", at)
		if at == 499 {
			p = fmt.Sprintf("c2sp.org/tlog-proof@v1\nextra c2Frc2k=\nindex %d\n", at)
		}
		for _, h := range inclusion(1000, at, s) {
			p += h.String() + "\n"
		}
		v.Proofs = append(v.Proofs, proofVector{fmt.Sprintf("entry %d", at), p + "\n" + cosigned})
	}
	v.Request = "old 700\n"
	for _, h := range consistency(700, 1000, s) {
		v.Request += h.String() + "\n"
	}
	v.Request += "\n" + text + "\n" + sig + "\n"
	return v
}
