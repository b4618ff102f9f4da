<?php
// Asks a token endpoint the way PHP programs do: the curl extension, a ready-made body.
// Arguments: URL, Authorization value, grant type, name and value of the second form field.
[, $address, $authorization, $grant_type, $field, $value] = $argv;

$handle = curl_init();
curl_setopt_array($handle, [
    CURLOPT_URL => $address,
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_POSTFIELDS => "grant_type=$grant_type&$field=$value",
    CURLOPT_POST => true,
    CURLOPT_HTTPHEADER => [
        "Authorization: $authorization",
        'Accept: application/json',
        'Content-Type: application/x-www-form-urlencoded',
    ],
]);
$body = curl_exec($handle);
if ($body === false) {
    fwrite(STDERR, curl_error($handle) . "\n");
    exit(1);
}
echo curl_getinfo($handle, CURLINFO_HTTP_CODE), "\n", $body, "\n";
