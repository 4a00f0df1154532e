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
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxResponseBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRememberedBytes);
        var address = options.BaseAddress;
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            // Not the address itself: it may carry a password.
            throw new ArgumentException("The base address must be absolute, http or https, and without user info, query and fragment.", nameof(options));
        }
    }
}
