// newkey NAME FILE [--cosigner]: makes a note key, writes the secret to FILE and
// prints the verifier key; with --cosigner the one its cosignatures are checked with.
package main

import (
	"crypto/rand"
	"fmt"
	"log"
	"os"

	cosigner "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("newkey NAME FILE [--cosigner]")
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[2], []byte(skey), 0o600); err != nil {
		log.Fatal(err)
	}
	if len(os.Args) == 4 {
		vkey, err = cosigner.VKeyToCosignatureV1(vkey)
		if err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(vkey)
}
