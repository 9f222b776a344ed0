// SPDX-License-Identifier: Apache-2.0

// Keeps a number of things in a cart.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"sync/atomic"
)

func main() {
	var things int64
	http.HandleFunc("/cart", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, atomic.AddInt64(&things, 1))
	})
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	http.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "# TYPE cart_things counter\ncart_things %d\n", atomic.LoadInt64(&things))
	})
	port := os.Getenv("PORT")
	if port == "" {
		port = "8083"
	}
	log.Fatal(http.ListenAndServe(":"+port, nil))
}
