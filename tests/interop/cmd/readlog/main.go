// readlog URL POLICY: torchwood's client reads a served log: the checkpoint must meet
// the policy, every entry must belong to its tree.  Prints how many there were.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"filippo.io/torchwood"
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("readlog URL POLICY")
	}
	ctx := context.Background()
	policy := must(torchwood.ParsePolicy(must(os.ReadFile(os.Args[2]))))
	from := must(torchwood.NewTileFetcher(os.Args[1]))
	signed := must(from.ReadEndpoint(ctx, "checkpoint"))
	point, _, err := torchwood.VerifyCheckpoint(signed, policy)
	must(point, err)
	client := must(torchwood.NewClient(from))
	read := int64(0)
	for range client.AllEntries(ctx, point.Tree, 0) {
		read++
	}
	if err := client.Err(); err != nil {
		log.Fatal(err)
	}
	if read != point.N {
		log.Fatalf("%d entries of %d could be read", read, point.N)
	}
	fmt.Println(read)
}
