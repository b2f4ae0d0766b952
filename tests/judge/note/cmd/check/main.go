// Check verifies a log's directory and stored proofs:
//
//	check --dir LOGDIR --vkey VKEY [--vkey VKEY]... [--proof FILE]...
//
// The first key is the log's; each further key must have signed too.  Every
// tile and every entry is read and authenticated, a sample of inclusion and
// consistency proofs is made and checked, and each proof file is checked
// against the entry in the log.  Exit 0: all holds; 1: something does not; 2:
// usage.
package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"judge/note"
)

type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func open(msg []byte, vkeys []string) (judge.Checkpoint, error) {
	var known []note.Verifier
	for _, k := range vkeys {
		v, err := judge.Verifier(k)
		if err != nil {
			return judge.Checkpoint{}, fmt.Errorf("%s: %w", k, err)
		}
		known = append(known, v)
	}
	n, err := note.Open(msg, note.VerifierList(known...))
	if err != nil {
		return judge.Checkpoint{}, err
	}
	if len(n.Sigs) != len(known) {
		return judge.Checkpoint{}, fmt.Errorf("%d of %d keys signed", len(n.Sigs), len(known))
	}
	c, err := judge.ParseCheckpoint(n.Text)
	if err == nil && c.Origin != known[0].Name() {
		err = fmt.Errorf("origin %q is not the log's name", c.Origin)
	}
	return c, err
}

// checkTiles reads every hash of every tile through the authenticating reader.
func checkTiles(d judge.Dir, c judge.Checkpoint) error {
	r := tlog.TileHashReader(c.Tree, d)
	for level := 0; c.N>>(8*level) > 0; level++ {
		count := c.N >> (8 * level)
		for at := int64(0); at < count; at += 256 {
			var want []int64
			for i := at; i < count && i < at+256; i++ {
				want = append(want, tlog.StoredHashIndex(8*level, i))
			}
			got, err := r.ReadHashes(want)
			if err != nil {
				return err
			}
			if level == 0 {
				if err := checkEntries(d, at/256, got); err != nil {
					return err
				}
			}
		}
	}
	root, err := tlog.TreeHash(c.N, r)
	if err != nil {
		return err
	}
	if root != c.Hash {
		return errors.New("the tiles do not hash up to the root")
	}
	return nil
}

func checkEntries(d judge.Dir, n int64, leaves []tlog.Hash) error {
	entries, err := d.Entries(n, len(leaves))
	if err != nil {
		return err
	}
	for i, e := range entries {
		if tlog.RecordHash(e) != leaves[i] {
			return fmt.Errorf("entry %d is not what the tree says", n*256+int64(i))
		}
	}
	return nil
}

func checkProofs(d judge.Dir, c judge.Checkpoint) error {
	r := tlog.TileHashReader(c.Tree, d)
	for at := int64(0); at < c.N; at += 1 + c.N/97 {
		leaf, err := r.ReadHashes([]int64{tlog.StoredHashIndex(0, at)})
		if err != nil {
			return err
		}
		p, err := tlog.ProveRecord(c.N, at, r)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(p, c.N, c.Hash, at, leaf[0]); err != nil {
			return err
		}
		older, err := tlog.TreeHash(at+1, r)
		if err != nil {
			return err
		}
		q, err := tlog.ProveTree(c.N, at+1, r)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(q, c.N, c.Hash, at+1, older); err != nil {
			return err
		}
	}
	return nil
}

// checkStored checks a c2sp.org/tlog-proof file.
func checkStored(d judge.Dir, file string, vkeys []string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, msg, ok := bytes.Cut(b, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") && len(lines) > 1 {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil || lines[0] != fmt.Sprintf("index %d", index) || index < 0 {
		return fmt.Errorf("index line %q", lines[0])
	}
	var p tlog.RecordProof
	for _, l := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(l)
		if err != nil || len(h) != tlog.HashSize {
			return fmt.Errorf("proof line %q", l)
		}
		p = append(p, tlog.Hash(h))
	}
	c, err := open(msg, vkeys)
	if err != nil {
		return err
	}
	if index >= c.N {
		return fmt.Errorf("index %d of %d", index, c.N)
	}
	width := min(256, c.N-index/256*256)
	entries, err := d.Entries(index/256, int(width))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(p, c.N, c.Hash, index, tlog.RecordHash(entries[index%256]))
}

func run(dir string, vkeys, proofs []string) error {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	c, err := open(msg, vkeys)
	if err != nil {
		return err
	}
	d := judge.Dir(dir)
	if err := checkTiles(d, c); err != nil {
		return err
	}
	if err := checkProofs(d, c); err != nil {
		return err
	}
	for _, f := range proofs {
		if err := checkStored(d, f, vkeys); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(f), err)
		}
	}
	fmt.Printf("%s: %d entries, %d stored proofs, all hold\n", c.Origin, c.N, len(proofs))
	return nil
}

func main() {
	var vkeys, proofs list
	dir := flag.String("dir", "", "the log's directory")
	flag.Var(&vkeys, "vkey", "a key that must have signed; the log's first")
	flag.Var(&proofs, "proof", "a .tlog-proof file")
	flag.Parse()
	if *dir == "" || len(vkeys) == 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*dir, vkeys, proofs); err != nil {
		fmt.Println("does not hold:", err)
		os.Exit(1)
	}
}
