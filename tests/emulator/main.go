// Command emulator is a WhatsApp server on loopback.
package main

func main() {}
