// Runs Tessera's fsck over the public folder of a log, and says with its exit
// code what it found: 0 it fits, 1 it does not, 2 wrong usage.  (Tessera's own
// command ends with 0 in every case.)
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

func leafHashes(bundle []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, e := range b.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return hashes, nil
}

func main() {
	dir := flag.String("dir", "", "the public folder")
	vkey := flag.String("vkey", "", "file with the log's verifier key")
	origin := flag.String("origin", "", "the log's origin")
	flag.Parse()
	text, err := os.ReadFile(*vkey)
	if err != nil || *dir == "" || *origin == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: fsck --dir DIR --vkey FILE --origin NAME", err)
		os.Exit(2)
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	f := fsck.New(*origin, v, &client.FileFetcher{Root: *dir}, leafHashes, fsck.Opts{N: 4})
	if err := f.Check(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
