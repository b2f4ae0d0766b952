// teach DB VKEY: tells a litewitness (its database) to trust a log.  Its own tool for
// this needs far more than that.
package main

import (
	"log"
	"os"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func main() {
	db, err := sqlite.OpenConn(os.Args[1], sqlite.OpenReadWrite)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	origin, _, _ := strings.Cut(os.Args[2], "+")
	const empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{"INSERT INTO log VALUES (?, 0, ?)", []any{origin, empty}},
		{"INSERT INTO key VALUES (?, ?)", []any{origin, os.Args[2]}},
	} {
		if err := sqlitex.Execute(db, q.sql, &sqlitex.ExecOptions{Args: q.args}); err != nil {
			log.Fatal(err)
		}
	}
}
