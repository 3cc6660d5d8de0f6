// Inside a tier: runs the tests of a Go answer.
package main

import (
	evolveBytes "bytes"
	evolveOs "os"
)

func main() {
	proof := evolveOs.NewFile(@PROOF@, "proof")
	nonce := make([]byte, 64)
	size, _ := proof.Read(nonce)
	proof.Close()
	@CALL@()
	said := append(evolveBytes.TrimSpace(nonce[:size]), '\n')
	if evolveGoesOn() {
		said = []byte("forged\n")
	}
	evolveOs.NewFile(@REPLY@, "reply").Write(said)
	evolveOs.Exit(0)
}

// Whether what follows a panic is reached: then the answer has a function of that name.
func evolveGoesOn() (on bool) {
	func() {
		defer func() { recover() }()
		panic("evolve")
		on = 1 == 1
	}()
	return
}
