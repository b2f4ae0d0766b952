//! sigsum-rs FILE MASKS KEY...: reads a policy as the crate sigsum does.  Prints
//! "refused", or one 0 or 1 a mask: do the keys (hex) of its bits meet the quorum?
use sigsum::{Hash, Policy, PublicKey};

fn key(hex: &str) -> PublicKey {
    let mut raw = [0u8; 32];
    for (i, byte) in raw.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex");
    }
    raw.into()
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let policy = std::fs::read(&args[1])
        .ok()
        .and_then(|raw| String::from_utf8(raw).ok())
        .and_then(|text| Policy::parse(&text).ok());
    let Some(policy) = policy else {
        println!("refused");
        return;
    };
    let keys: Vec<Hash> = args[3..].iter().map(|k| Hash::new(key(k))).collect();
    for mask in args[2].split(',') {
        let mask: usize = mask.parse().expect("a mask");
        let has: Vec<Hash> = (0..keys.len())
            .filter(|i| mask >> i & 1 == 1)
            .map(|i| keys[i].clone())
            .collect();
        print!("{}", policy.check_quorum(&has) as u8);
    }
    println!();
}
