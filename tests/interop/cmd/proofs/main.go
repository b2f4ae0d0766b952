// proofs: tlog-proofs read by strangers, and made by them.
//
//	proofs check POLICY ENTRY PROOF     torchwood and transparency-dev/formats both
//	                                    find it true: exit 0, else 1
//	proofs make POLICY LOG INDEX OUT    both make the proof of an entry of a log's
//	                                    folder: OUT.torchwood and OUT.formats
//	proofs mutate SAKSI TRUST ENTRY PROOF STEP
//	                                    every STEP-th bit of PROOF changed: ours must
//	                                    judge each copy as both of them do
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"filippo.io/torchwood"
	"github.com/transparency-dev/formats/proof"
	inclusion "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func byTorchwood(policy torchwood.Policy, entry, text []byte) error {
	return torchwood.VerifyProof(policy, tlog.RecordHash(entry), text)
}

// Its package only reads; the checkpoint and the path are for others to check.
func byFormats(policy torchwood.Policy, entry, text []byte) error {
	var p proof.TLogProof
	if err := p.Unmarshal(text); err != nil {
		return err
	}
	point, _, err := torchwood.VerifyCheckpoint(p.Checkpoint, policy)
	if err != nil {
		return err
	}
	var path [][]byte
	for _, h := range p.Hashes {
		path = append(path, h[:])
	}
	return inclusion.VerifyInclusion(rfc6962.DefaultHasher, p.Index, uint64(point.N),
		rfc6962.DefaultHasher.HashLeaf(entry), path, point.Hash[:])
}

func check(policy torchwood.Policy, entry, text []byte) {
	if err := errors.Join(byTorchwood(policy, entry, text), byFormats(policy, entry, text)); err != nil {
		log.Fatal(err)
	}
	var p proof.TLogProof
	if err := p.Unmarshal(text); err != nil {
		log.Fatal(err)
	}
	if !bytes.Equal(p.Marshal(), text) {
		log.Fatal("formats would write it otherwise")
	}
}

func make(policy torchwood.Policy, dir string, index int64, out string) {
	ctx := context.Background()
	from := must(torchwood.NewTileFS(os.DirFS(dir)))
	signed := must(os.ReadFile(filepath.Join(dir, "checkpoint")))
	point, _, err := torchwood.VerifyCheckpoint(signed, policy)
	must(point, err)
	client := must(torchwood.NewClient(from))
	_, path, err := client.Entry(ctx, point.Tree, index)
	must(path, err)
	p := proof.TLogProof{Index: uint64(index), Checkpoint: signed}
	for _, h := range path {
		p.Hashes = append(p.Hashes, h)
	}
	for kind, text := range map[string][]byte{
		"torchwood": torchwood.FormatProof(index, path, signed),
		"formats":   p.Marshal(),
	} {
		if err := os.WriteFile(out+"."+kind, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

func ours(saksi, trust, entry, text string) bool {
	err := exec.Command(saksi, "verify", text, "--as", "proof", "--trust", trust, "--entry", entry).Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		log.Fatal(err)
	}
	if exit != nil && exit.ExitCode() > 5 {
		log.Fatalf("%s ended with %d", saksi, exit.ExitCode())
	}
	return err == nil
}

func mutate(saksi, trust, entryFile, proofFile string, step int) {
	policy := must(torchwood.ParsePolicy(must(os.ReadFile(filepath.Join(trust, "policy")))))
	entry, good := must(os.ReadFile(entryFile)), must(os.ReadFile(proofFile))
	bad := filepath.Join(must(os.MkdirTemp("", "")), "proof")
	defer os.RemoveAll(filepath.Dir(bad))
	if !ours(saksi, trust, entryFile, proofFile) {
		log.Fatal("ours refuses the good one")
	}
	refused, spelled, opaque := 0, 0, 0
	for bit := 0; bit < 8*len(good); bit += step {
		at, text := bit/8, bytes.Clone(good)
		text[at] ^= 1 << (bit % 8)
		if err := os.WriteFile(bad, text, 0o644); err != nil {
			log.Fatal(err)
		}
		mine := ours(saksi, trust, entryFile, bad)
		theirs := []error{byTorchwood(policy, entry, text), byFormats(policy, entry, text)}
		switch {
		case !mine && theirs[0] != nil && theirs[1] != nil:
			refused++
		case !mine && sameButSpelled(good, text):
			spelled++
		case inExtra(good, at) && theirs[0] == nil && theirs[1] == nil:
			opaque++
		default:
			log.Fatalf("byte %d is now %q: ours takes it: %v; torchwood: %v; formats: %v",
				at, text[at], mine, theirs[0], theirs[1])
		}
	}
	if refused == 0 {
		log.Fatal("nothing was refused")
	}
	fmt.Println(refused, "copies refused by all,", spelled, "other spellings refused by ours alone,",
		opaque, "with other extra data")
}

func main() {
	log.SetFlags(0)
	a := os.Args
	switch {
	case len(a) == 5 && a[1] == "check":
		check(must(torchwood.ParsePolicy(must(os.ReadFile(a[2])))),
			must(os.ReadFile(a[3])), must(os.ReadFile(a[4])))
	case len(a) == 6 && a[1] == "make":
		make(must(torchwood.ParsePolicy(must(os.ReadFile(a[2])))), a[3],
			must(strconv.ParseInt(a[4], 10, 64)), a[5])
	case len(a) == 7 && a[1] == "mutate":
		mutate(a[2], a[3], a[4], a[5], must(strconv.Atoi(a[6])))
	default:
		log.Fatal("proofs check|make|mutate ...")
	}
}
