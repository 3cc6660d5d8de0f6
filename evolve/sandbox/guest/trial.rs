
#[path = "tests.rs"]
mod evolve_tests;

fn main() {
    let held = |fd| unsafe { <::std::fs::File as ::std::os::fd::FromRawFd>::from_raw_fd(fd) };
    let said = |text: &str| ::std::io::Write::write_all(&mut held(@REPLY@), text.as_bytes()).unwrap();
    let nonce = ::std::io::read_to_string(held(@PROOF@)).unwrap();
    evolve_tests::evolve_run();
    let hook = ::std::panic::take_hook();
    ::std::panic::set_hook(::std::boxed::Box::new(|_| {}));
    let fails = evolve_tests::evolve_decoys().iter().all(|one| ::std::panic::catch_unwind(*one).is_err());
    ::std::panic::set_hook(hook);
    said(if fails { &nonce } else { "forged\n" });
    ::std::process::exit(0);
}
