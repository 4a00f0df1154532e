namespace BuildRunner.Http;

/// <summary>
/// Represents the options that all runners over HTTP have in common.
/// </summary>
public abstract class HttpBuildRunnerOptions
{
    /// <summary>
    /// Gets or sets the form in which changes are sent. The default is <see cref="ChangesForm.Document"/>. Merged refs set it to
    /// <see cref="ChangesForm.Merged"/>.
    /// </summary>
    public ChangesForm Changes { get; set; }

    /// <summary>
    /// Gets or sets the maximum age of a status: from zero to one minute. The default is one second. Builds that are polled at about the
    /// same time are read with one request.
    /// </summary>
    public TimeSpan Freshness { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the maximum time of one request including its repeats: from one second to ten minutes. The default is 30 seconds.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the factory of the handler that sends requests, for proxies, private certificates and tests, or <see langword="null"/>
    /// to use the runner's own. The handler must not repeat requests or follow redirects.
    /// </summary>
    public Func<HttpMessageHandler>? CreateHandler { get; set; }

    /// <summary>
    /// Validates the options.
    /// </summary>
    /// <returns>A sentence for each option that is out of range; empty if there is none.</returns>
    public virtual IEnumerable<string> Validate()
    {
        if (!Enum.IsDefined(Changes))
        {
            yield return $"{nameof(Changes)} is {Changes}; it must be {ChangesForm.Document} or {ChangesForm.Merged}.";
        }

        if (Freshness < TimeSpan.Zero || Freshness > TimeSpan.FromMinutes(1))
        {
            yield return $"{nameof(Freshness)} is {Freshness}; it must be from zero to one minute.";
        }

        if (CallTimeout < TimeSpan.FromSeconds(1) || CallTimeout > TimeSpan.FromMinutes(10))
        {
            yield return $"{nameof(CallTimeout)} is {CallTimeout}; it must be from one second to ten minutes.";
        }
    }
}
