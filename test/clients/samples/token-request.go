// Asks a token endpoint the way Go programs do: url.Values sorts the form, net/http sends it.
// Arguments: URL, Authorization value, grant type, name and value of the second form field.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

func main() {
	address, authorization, grantType := os.Args[1], os.Args[2], os.Args[3]
	form := url.Values{}
	form.Set("grant_type", grantType)
	form.Set(os.Args[4], os.Args[5])
	body := form.Encode()

	post, err := http.NewRequest("POST", address, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	post.Header.Add("Authorization", authorization)
	post.Header.Add("Accept", "application/json")
	post.Header.Add("Content-Type", "application/x-www-form-urlencoded")
	post.Header.Add("Content-Length", strconv.Itoa(len(body)))

	answer, err := (&http.Client{}).Do(post)
	if err != nil {
		log.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.StatusCode)
	fmt.Println(string(text))
}
