//! Splits a name into words, to compare two spellings of a name and to make names for Rust.

/// Capital runs that are several words or one: `AWSAPICall` is `AWS`, `API`, `Call`.
const ACRONYMS: &[&str] = &[
    "ACL", "ACM", "AMI", "API", "ARN", "ASG", "AWS", "AZ", "CIDR", "CPU", "CSV", "DB", "DNS",
    "EBS", "EC2", "ECR", "ECS", "EFS", "EKS", "ELB", "EMR", "GPU", "HTML", "HTTP", "HTTPS", "IAM",
    "ID", "IP", "JSON", "KMS", "MFA", "NLB", "PDF", "RDS", "S3", "SAML", "SDK", "SNS", "SQL",
    "SQS", "SSH", "SSL", "SSM", "SSO", "TLS", "TTL", "UI", "URI", "URL", "UUID", "VPC", "VPN",
    "WAF", "XML",
];

/// Splits a name into words: at characters that are not alphanumeric, at changes of case, and within runs of capitals
/// that consist of known acronyms.
pub fn words(name: &str) -> Vec<String> {
    let mut out = Vec::new();
    for chunk in name.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<char> = chunk.chars().collect();
        let mut start = 0;
        for i in 1..=chars.len() {
            let boundary = i == chars.len() || {
                let (a, b) = (chars[i - 1], chars[i]);
                let lower = |at: usize| chars.get(at).is_some_and(|c| c.is_lowercase());
                // the plural of a run of capitals, such as `IDs`, does not start a word
                let plural = chars.get(i + 1) == Some(&'s') && !lower(i + 2);
                let next_is_lower = lower(i + 1) && !plural;
                // `aB`, `1B`; and before the last capital of a run that goes on in lower case: `APICall`
                (!a.is_uppercase() && b.is_uppercase())
                    || (a.is_uppercase() && b.is_uppercase() && next_is_lower)
            };
            if boundary {
                push_word(&chars[start..i], &mut out);
                start = i;
            }
        }
    }
    out
}

fn push_word(chars: &[char], out: &mut Vec<String>) {
    let word: String = chars.iter().collect();
    if !word.is_empty() {
        match acronyms(&word) {
            Some(parts) => out.extend(parts.into_iter().map(str::to_owned)),
            None => out.push(word),
        }
    }
}

/// Splits a word that consists of known acronyms only.
fn acronyms(word: &str) -> Option<Vec<&'static str>> {
    if word.is_empty() {
        return Some(Vec::new());
    }
    // the longest first: `HTTPS` before `HTTP`
    let mut known: Vec<_> = ACRONYMS.iter().filter(|a| word.starts_with(**a)).collect();
    known.sort_by_key(|a| std::cmp::Reverse(a.len()));
    known.into_iter().find_map(|a| {
        let mut rest = acronyms(&word[a.len()..])?;
        rest.insert(0, a);
        Some(rest)
    })
}
