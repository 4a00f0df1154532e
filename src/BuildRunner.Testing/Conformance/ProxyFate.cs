namespace BuildRunner.Testing;

/// <summary>Defines the fates of a request that goes through a <see cref="LossyTcpProxy"/>.</summary>
internal enum ProxyFate
{
    /// <summary>The request and its answer pass.</summary>
    Pass,

    /// <summary>The request passes, and its answer passes a little later.</summary>
    Delay,

    /// <summary>The request passes and the server answers, but the answer is lost with the connection.</summary>
    LoseAnswer,

    /// <summary>The connection is cut before the request is sent to the server.</summary>
    Cut,
}
