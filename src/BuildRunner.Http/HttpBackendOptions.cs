using System.Collections.ObjectModel;

namespace BuildRunner.Http;

/// <summary>
/// Represents the options of an <see cref="HttpBackend"/>: the address and the particulars of a service.
/// </summary>
public sealed record HttpBackendOptions
{
    /// <summary>
    /// Gets the name of the service in messages and metrics, such as <c>buildbot</c>.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// Gets the base address of requests: absolute, <c>http</c> or <c>https</c>, without user info, query and fragment. A trailing slash is
    /// added if it is missing.
    /// </summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>
    /// Gets the headers to add to each request to the service unless the request sets them itself, such as <c>Accept</c> and
    /// <c>User-Agent</c>. They are not treated as secrets. The default is none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// Gets the maximum number of concurrent requests: 1 or more. The default is unlimited. Further requests wait within their time,
    /// unsent. Texts that are being read do not count.
    /// </summary>
    public int Concurrency { get; init; } = int.MaxValue;

    /// <summary>
    /// Gets the minimum time between creates and cancels, for a service that requires one: zero or more. The default is zero. A request
    /// that would wait for half of <see cref="CallTimeout"/> or longer fails unsent with a transient error, which contains the wait.
    /// </summary>
    public TimeSpan WriteInterval { get; init; }

    /// <summary>
    /// Gets the source of credentials, or <see langword="null"/> for none. Its argument is the credential that the service has just
    /// refused, or <see langword="null"/>. It is never called concurrently. Calls that wait while it fails get the same failure.
    /// </summary>
    /// <remarks>
    /// It is called for each request, and once more after a refused credential; for a request with a body only if the service itself
    /// refused it and not a proxy. A credential with <see cref="HttpCredential.ExpiresAt"/> is kept until a minute before that time, or
    /// until it is refused.
    /// </remarks>
    public Func<HttpCredential?, CancellationToken, ValueTask<HttpCredential?>>? Credentials { get; init; }

    /// <summary>
    /// Gets the backend to share credentials and <see cref="HttpBackend.Redactor"/> with, for a second address of the same service such as
    /// its GraphQL endpoint, or <see langword="null"/> to use <see cref="Credentials"/>. That backend must live as long as this one.
    /// </summary>
    public HttpBackend? SharesCredentialsOf { get; init; }

    /// <summary>
    /// Gets the factory of the handler that sends requests, for proxies, private certificates and tests, or <see langword="null"/> to use a
    /// new <see cref="SocketsHttpHandler"/>. The handler must not repeat requests or follow redirects. The backend disposes it.
    /// </summary>
    public Func<HttpMessageHandler>? CreateHandler { get; init; }

    /// <summary>
    /// Gets the maximum time of one request including its repeats: more than zero. The default is 30 seconds.
    /// </summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets the maximum number of bytes of an answer, after decompression: more than zero. The default is 4 MiB. A longer answer is an
    /// error that is not transient. Texts of <see cref="HttpBackend.OpenTextAsync"/> are not limited.
    /// </summary>
    public int MaxResponseBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Gets the maximum number of bytes of remembered answers, which a service confirms by their <c>ETag</c>: zero or more. Each takes
    /// about a kilobyte in addition to its body. The default is zero, which remembers none. Use it for services that do not count a 304
    /// against their rate limit, such as GitHub.
    /// </summary>
    /// <remarks>
    /// A read then asks only for changes, and a 304 returns the remembered answer. An answer is never shared between credentials.
    /// </remarks>
    public int MaxRememberedBytes { get; init; }

    /// <summary>
    /// Gets a function that determines whether an answer comes from the service itself and not from a proxy. The default accepts JSON.
    /// </summary>
    /// <remarks>
    /// Only a refusal of the service itself proves that nothing was created, and only its own 404 that a build does not exist.
    /// </remarks>
    public Func<HttpReply, bool> IsOwnAnswer { get; init; } = static reply => reply.IsJson;

    /// <summary>
    /// Gets a function that determines what an answer to a create proves, if the service differs from <see cref="CreateVerdicts.Default"/>.
    /// It is called for every answer, including those of a proxy, and returns <see langword="null"/> to use the default.
    /// </summary>
    public Func<HttpReply, CreateVerdict?>? JudgeCreate { get; init; }

    /// <summary>
    /// Gets a function that determines whether an answer means that the service has refused a credential and done nothing. The default is a
    /// 401.
    /// </summary>
    public Func<HttpReply, bool> IsCredentialRefused { get; init; } = static reply =>
        reply.StatusCode == System.Net.HttpStatusCode.Unauthorized;

    /// <summary>
    /// Gets the delays between attempts to find a build after a lost answer, for a service with lists that lag behind. None is negative.
    /// The default is empty, which makes one attempt.
    /// </summary>
    public IReadOnlyList<TimeSpan> FindDelays { get; init; } = [];

    /// <summary>
    /// Gets a function that reads the rate limit from an answer, or <see langword="null"/> to use <see cref="HttpQuota.FromHeaders"/>.
    /// </summary>
    public Func<HttpReply, HttpQuota>? ReadQuota { get; init; }

    /// <summary>
    /// Gets the time provider. The default is <see cref="System.TimeProvider.System"/>.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public bool Equals(HttpBackendOptions? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
