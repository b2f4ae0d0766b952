package judge

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// KeyID is the one c2sp.org/signed-note recommends; typed is type and key.
func KeyID(name string, typed []byte) uint32 {
	h := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return binary.BigEndian.Uint32(h[:])
}

// VKey writes a verifier key.
func VKey(name string, typed []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, KeyID(name, typed),
		base64.StdEncoding.EncodeToString(typed))
}
