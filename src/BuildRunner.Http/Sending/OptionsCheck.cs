namespace BuildRunner.Http.Sending;

internal static class OptionsCheck
{
    public static void ThrowIfInvalid(HttpBackendOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Name);
        ArgumentNullException.ThrowIfNull(options.BaseAddress);
        ArgumentNullException.ThrowIfNull(options.IsOwnAnswer);
        ArgumentNullException.ThrowIfNull(options.IsCredentialRefused);
        ArgumentNullException.ThrowIfNull(options.TimeProvider);
        ArgumentNullException.ThrowIfNull(options.Headers);
        ArgumentNullException.ThrowIfNull(options.FindDelays);
        foreach (var delay in options.FindDelays)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero, nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.CallTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxResponseBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRememberedBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WriteInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Concurrency);
        if (options is { SharesCredentialsOf: not null, Credentials: not null })
        {
            throw new ArgumentException(
                $"{nameof(options.Credentials)} and {nameof(options.SharesCredentialsOf)} are both set; set only one of them.",
                nameof(options));
        }

        var address = options.BaseAddress;
        if (!address.IsAbsoluteUri
            || address.Scheme is not ("http" or "https")
            || address.UserInfo.Length > 0
            || address.Query.Length > 0
            || address.Fragment.Length > 0)
        {
            // Without the address, which may contain a password.
            throw new ArgumentException(
                $"{nameof(options.BaseAddress)} must be absolute, http or https, and without user info, query and fragment.",
                nameof(options));
        }
    }
}
