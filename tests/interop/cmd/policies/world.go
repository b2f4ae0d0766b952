package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/torchwood"
	cosigner "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const witnesses = 4

// Two logs, four witnesses, and a checkpoint of the first log with each set of
// cosignatures that is asked about.
type world struct {
	dir     string
	vkeys   *strings.Replacer // {L1} {L2} {W1}.. as verifier keys
	hex     *strings.Replacer // the same in hex
	hexKeys []string
	log     note.Signer
	cosign  []note.Signer
	masks   []int
	points  [][]byte
}

func rawKey(vkey string) string {
	parts := strings.SplitN(vkey, "+", 3)
	return hex.EncodeToString(must(base64.StdEncoding.DecodeString(parts[2]))[1:])
}

func newWorld() *world {
	w := &world{dir: must(os.MkdirTemp("", ""))}
	var vkeys, hexes []string
	name := func(as, vkey string) {
		vkeys = append(vkeys, "{"+as+"}", vkey)
		hexes = append(hexes, "{"+as+"}", rawKey(vkey))
	}
	for i := range 2 {
		skey, vkey, err := note.GenerateKey(rand.Reader, fmt.Sprintf("interop.example/l%d", i+1))
		must(skey, err)
		name(fmt.Sprintf("L%d", i+1), vkey)
		if i == 0 {
			w.log = must(note.NewSigner(skey))
		}
		name(fmt.Sprintf("L%d as witness", i+1), must(cosigner.VKeyToCosignatureV1(vkey)))
	}
	for i := range witnesses {
		skey, vkey, err := note.GenerateKey(rand.Reader, fmt.Sprintf("interop.example/w%d", i+1))
		must(skey, err)
		w.cosign = append(w.cosign, must(cosigner.NewSignerForCosignatureV1(skey)))
		name(fmt.Sprintf("W%d as log", i+1), vkey)
		vkey = must(cosigner.VKeyToCosignatureV1(vkey))
		name(fmt.Sprintf("W%d", i+1), vkey)
		w.hexKeys = append(w.hexKeys, rawKey(vkey))
	}
	for i := range 40 {
		_, vkey, err := note.GenerateKey(rand.Reader, fmt.Sprintf("interop.example/m%d", i))
		must(vkey, err)
		name(fmt.Sprintf("ML%d", i), vkey)
		name(fmt.Sprintf("MW%d", i), must(cosigner.VKeyToCosignatureV1(vkey)))
	}
	w.vkeys, w.hex = strings.NewReplacer(vkeys...), strings.NewReplacer(hexes...)
	return w
}

func (w *world) pointFile(i int) string {
	return filepath.Join(w.dir, fmt.Sprint("point", i))
}

func (w *world) add(mask int) {
	point := torchwood.Checkpoint{Origin: w.log.Name(),
		Tree: tlog.Tree{N: 7, Hash: tlog.RecordHash([]byte("a root"))}}
	signers := []note.Signer{w.log}
	for i := range witnesses {
		if mask>>i&1 != 0 {
			signers = append(signers, w.cosign[i])
		}
	}
	signed := must(note.Sign(&note.Note{Text: point.String()}, signers...))
	w.masks, w.points = append(w.masks, mask), append(w.points, signed)
	if err := os.WriteFile(w.pointFile(len(w.points)-1), signed, 0o644); err != nil {
		log.Fatal(err)
	}
}

// put writes a policy as the reader wants its keys, into a trust folder of its own.
func (w *world) put(r *reader, name, text string) string {
	keys := w.vkeys
	if r.hex {
		keys = w.hex
	}
	dir := filepath.Join(w.dir, r.name+"."+name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(dir, "policy")
	if err := os.WriteFile(file, []byte(keys.Replace(text)), 0o644); err != nil {
		log.Fatal(err)
	}
	return file
}

func (w *world) bits(met func(i int) bool) string {
	b := ""
	for i := range w.masks {
		if met(i) {
			b += "1"
		} else {
			b += "0"
		}
	}
	return b
}

func (w *world) maskList() string {
	var s []string
	for _, m := range w.masks {
		s = append(s, fmt.Sprint(m))
	}
	return strings.Join(s, ",")
}
