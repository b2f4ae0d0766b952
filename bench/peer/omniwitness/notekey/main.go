// notekey NAME: a new signing key for a note and, below it, the verifier key of its
// cosignatures.
package main

import (
	"crypto/rand"
	"fmt"
	"log"
	"os"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	skey, vkey, err := note.GenerateKey(rand.Reader, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	vkey, err = fnote.VKeyToCosignatureV1(vkey)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(skey)
	fmt.Println(vkey)
}
