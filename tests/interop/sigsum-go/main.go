// sigsum-go FILE MASKS KEY...: reads a policy as sigsum.org/sigsum-go does.  Prints
// "refused", or one 0 or 1 a mask: do the keys (hex) of its bits meet the quorum?
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"sigsum.org/sigsum-go/pkg/crypto"
	"sigsum.org/sigsum-go/pkg/policy"
)

// Counts as the policy's own verifier does, without signatures.
type has map[crypto.Hash]bool

func (h has) ProcessWitness(key crypto.Hash) any { return h[key] }

func (h has) ProcessGroup(k int, members []any) any {
	n := 0
	for _, m := range members {
		if m.(bool) {
			n++
		}
	}
	return n >= k
}

func main() {
	log.SetFlags(0)
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	p, err := policy.ParseConfig(file)
	if err != nil {
		fmt.Println("refused")
		return
	}
	bits := ""
	for _, m := range strings.Split(os.Args[2], ",") {
		mask, err := strconv.Atoi(m)
		if err != nil {
			log.Fatal(err)
		}
		h := has{}
		for i, hex := range os.Args[3:] {
			key, err := crypto.PublicKeyFromHex(hex)
			if err != nil {
				log.Fatal(err)
			}
			h[crypto.HashBytes(key[:])] = mask>>i&1 != 0
		}
		if p.ProcessQuorum(h).(bool) {
			bits += "1"
		} else {
			bits += "0"
		}
	}
	fmt.Println(bits)
}
