// cosigned VKEY... <checkpoint: do all of these witnesses' cosignatures verify over
// it, for filippo.io/torchwood?  Exit 0 or 1.
package main

import (
	"io"
	"log"
	"os"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	log.SetFlags(0)
	signed, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	for _, vkey := range os.Args[1:] {
		v, err := torchwood.NewCosignatureVerifier(vkey)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
			log.Fatalf("%s: %v", v.Name(), err)
		}
	}
}
