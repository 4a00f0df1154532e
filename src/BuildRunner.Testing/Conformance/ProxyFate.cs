namespace BuildRunner.Testing;

/// <summary>Says what becomes of a request that passes a <see cref="LossyTcpProxy"/>.</summary>
internal enum ProxyFate
{
    /// <summary>It passes, and so does its answer.</summary>
    Pass,

    /// <summary>It passes, and its answer a little later.</summary>
    Delay,

    /// <summary>It passes, the server answers, and the answer is lost with the connection.</summary>
    LoseAnswer,

    /// <summary>The connection is cut before the request has left for the server.</summary>
    Cut,
}
