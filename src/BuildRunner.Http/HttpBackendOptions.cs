using System.Collections.ObjectModel;

namespace BuildRunner.Http;

/// <summary>
/// Provides the settings of an <see cref="HttpBackend"/>: where the service is, and what is particular about it.
/// </summary>
public sealed record HttpBackendOptions
{
    /// <summary>
    /// Gets the name of the service for messages and metrics, such as <c>buildbot</c>.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// Gets the address that requests are relative to: absolute, <c>http</c> or <c>https</c>, without user info, query and fragment. A slash is added at its end if it has none.
    /// </summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>
    /// Gets headers that each request to the service carries, such as <c>Accept</c> and <c>User-Agent</c>, where the request does not set
    /// them itself. Nothing of them is secret. The default is none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// Gets how many requests may be under way at the same time: 1 or more. The default is no bound. Further ones wait within their time,
    /// unsent. Texts that are being read do not count.
    /// </summary>
    public int Concurrency { get; init; } = int.MaxValue;

    /// <summary>
    /// Gets how long after a create or a cancel the next one is sent, for a service that asks for it: zero or more. The default is zero,
    /// which is at once. One that would have to wait for half of <see cref="CallTimeout"/> or longer fails unsent, as transient, with the
    /// wait.
    /// </summary>
    public TimeSpan WriteInterval { get; init; }

    /// <summary>
    /// Gets the source of credentials, or <see langword="null"/> for none. It is given the credential that the service has just refused, or <see langword="null"/>, and is never called twice at the same time. Calls that wait while it fails share the failure.
    /// </summary>
    /// <remarks>It is called for each request, and once more after a refused credential; for a request with a body only if the service itself has refused it, and no proxy. A credential with <see cref="HttpCredential.ExpiresAt"/> is kept until a minute before that, or until it is refused.</remarks>
    public Func<HttpCredential?, CancellationToken, ValueTask<HttpCredential?>>? Credentials { get; init; }

    /// <summary>
    /// Gets the backend whose credentials and whose <see cref="HttpBackend.Redactor"/> are used, for a second address of the same service,
    /// such as that of GraphQL; <see langword="null"/> for <see cref="Credentials"/>. That backend has to live as long as this one.
    /// </summary>
    public HttpBackend? SharesCredentialsOf { get; init; }

    /// <summary>
    /// Gets what creates the handler that sends requests, for proxies, private certificates and tests; <see langword="null"/> for a <see cref="SocketsHttpHandler"/> of the runner's own. It must not repeat requests and must not follow redirects. The backend disposes it.
    /// </summary>
    public Func<HttpMessageHandler>? CreateHandler { get; init; }

    /// <summary>
    /// Gets how long one request with its repeats may take: more than zero. The default is 30 seconds.
    /// </summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets how many bytes of an answer are read, after decompression: more than zero. The default is 4 MiB. A longer answer is a failed call that is not transient. Texts of <see cref="HttpBackend.OpenTextAsync"/> have no bound.
    /// </summary>
    public int MaxResponseBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Gets how many bytes of answers are remembered to be confirmed by their <c>ETag</c>, about a kilobyte for each beside its body: zero or more. The default is zero, which remembers none. For a service that does not count a 304 against its rate limit, such as GitHub.
    /// </summary>
    /// <remarks>A read then asks for what has changed since, and a 304 gives what was read before. What one credential was shown is never given to another.</remarks>
    public int MaxRememberedBytes { get; init; }

    /// <summary>
    /// Gets what tells the service's own answer from one that a proxy gave by itself. The default takes JSON for the service's own.
    /// </summary>
    /// <remarks>Only the service's own refusal proves that nothing was created, and only its own 404 that a build is not there.</remarks>
    public Func<HttpReply, bool> IsOwnAnswer { get; init; } = static reply => reply.IsJson;

    /// <summary>
    /// Gets what an answer to a create proves, where the service differs from <see cref="CreateVerdicts.Default"/>. It is given every answer, a proxy's too, and returns <see langword="null"/> for the default.
    /// </summary>
    public Func<HttpReply, CreateVerdict?>? JudgeCreate { get; init; }

    /// <summary>
    /// Gets what tells an answer by which the service refuses a credential, and has done nothing. The default is a 401.
    /// </summary>
    public Func<HttpReply, bool> IsCredentialRefused { get; init; } = static reply => reply.StatusCode == System.Net.HttpStatusCode.Unauthorized;

    /// <summary>
    /// Gets how long to wait between looks for a build whose create was not answered, where the lists of the service lag behind. The default
    /// is none, for one look alone. None is negative.
    /// </summary>
    public IReadOnlyList<TimeSpan> FindDelays { get; init; } = [];

    /// <summary>
    /// Gets what reads the rate limit out of an answer, or <see langword="null"/> for <see cref="HttpQuota.FromHeaders"/>.
    /// </summary>
    public Func<HttpReply, HttpQuota>? ReadQuota { get; init; }

    /// <summary>
    /// Gets the clock. The default is <see cref="System.TimeProvider.System"/>.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public bool Equals(HttpBackendOptions? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
