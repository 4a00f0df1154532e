namespace BuildRunner.Http;

/// <summary>
/// Provides the settings that every runner over HTTP has.
/// </summary>
public abstract class HttpBuildRunnerOptions
{
    /// <summary>
    /// Gets or sets what is sent as the changes of a request. The default is <see cref="ChangesForm.Document"/>. Merged refs set it to <see cref="ChangesForm.Merged"/>.
    /// </summary>
    public ChangesForm Changes { get; set; }

    /// <summary>
    /// Gets or sets how old a status may be: from zero to one minute. The default is one second. Builds that are polled at about the same time are read with one request.
    /// </summary>
    public TimeSpan Freshness { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets how long one request with its repeats may take: from one second to ten minutes. The default is 30 seconds.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets what creates the handler that sends requests, for proxies, private certificates and tests; <see langword="null"/> for one of the runner's own. It must not repeat requests and must not follow redirects.
    /// </summary>
    public Func<HttpMessageHandler>? CreateHandler { get; set; }

    /// <summary>
    /// Says what is wrong with these settings.
    /// </summary>
    /// <returns>A sentence for each setting that is out of range; empty if there is none.</returns>
    public virtual IEnumerable<string> Validate()
    {
        if (!Enum.IsDefined(Changes))
        {
            yield return "Changes must be Document or Merged.";
        }

        if (Freshness < TimeSpan.Zero || Freshness > TimeSpan.FromMinutes(1))
        {
            yield return "Freshness must be from zero to one minute.";
        }

        if (CallTimeout < TimeSpan.FromSeconds(1) || CallTimeout > TimeSpan.FromMinutes(10))
        {
            yield return "CallTimeout must be from one second to ten minutes.";
        }
    }
}
