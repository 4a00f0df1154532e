namespace BuildRunner.Servers;

/// <summary>A request of HTTP/1.1, as it went over the wire.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The path and the query.</param>
/// <param name="Body">The body.</param>
public sealed record ForwardedRequest(string Method, string Target, string Body);
